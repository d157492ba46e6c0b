-- NAME: a VPC with a public subnet in each of two Availability Zones, and a security group that lets in the web.
--
--   vpcrun NAME.lua                 in the embedded EC2: no AWS account is touched
--   vpcrun NAME.lua --aws           for real
--   vpcrun destroy NAME.lua         takes it down again
--
-- Change it and run it again: what is there as declared stays, what differs is changed, what is missing is created.

-- What a run may choose: vpcrun NAME.lua --set cidr=10.1.0.0/16
local args = runbook.args {
  cidr = { type = "cidr", default = "10.0.0.0/16", help = "the VPC's CIDR block, /16 to /24" },
}

local ec2 = aws.ec2 {}

-- The network, and its door to the Internet. Nothing waits for anything here: a resource is a promise, and what is passed
-- to another one, like `vpc` below, says in which order EC2 has to make them.
local vpc = ec2.vpc { name = "NAME", cidr = args.cidr }
local igw = ec2.internet_gateway { name = "NAME", vpc = vpc }

-- The default route is what makes the subnets public.
vpc.main_route_table:route { to = "0.0.0.0/0", via = igw }

local web = ec2.security_group {
  name = "NAME-web",
  vpc = vpc,
  description = "the web from anywhere",
  ingress = {
    { tcp = 80, from = "0.0.0.0/0" },
    { tcp = 443, from = "0.0.0.0/0" },
  },
}

-- One subnet in each zone, each a sixteenth of the VPC.
local used = {}
for n, zone in ipairs(ec2.availability_zones { count = 2 }) do
  local block = assert(cidr.next_free(args.cidr, cidr.parse(args.cidr).prefix + 4, used), "the VPC is full")
  table.insert(used, block)
  local subnet = ec2.subnet { name = ("NAME-%d"):format(n), vpc = vpc, zone = zone, cidr = block }

  -- Reading a property waits for that resource. An expectation that does not hold fails the run, at its end.
  runbook.expect.equal(subnet.zone, zone, subnet.name .. ": its zone")
  runbook.output(subnet.name, ("%s, %d addresses, %s"):format(subnet.cidr, cidr.usable(block), zone))
end

runbook.output("security group", web.id)
