-- SSH from home to EC2 in a VPC: one VPC, an internet gateway, two public subnets in two Availability Zones, and in each
-- an instance with a fixed private address and an Elastic IP that your home, and nobody else, can reach by SSH.
--
--   vpcrun runbooks/home-ssh.lua              in the embedded EC2: no AWS account is touched
--   vpcrun runbooks/home-ssh.lua --aws        for real
--   vpcrun destroy runbooks/home-ssh.lua      takes it down again

local args = runbook.args {
  region = { default = "ap-northeast-1", help = "AWS region" },
  zones = { default = { "b", "c" }, help = "two Availability Zones, as letters or full names" },
  home = { type = "cidr", default = "auto", help = "who may SSH: a CIDR block, or auto for this host's public address" },
}

if #args.zones ~= 2 then error("zones names two Availability Zones, such as b,c") end
if args.home == "0.0.0.0/0" then runbook.warn("SSH is open to the whole Internet; --set home=auto opens it to you alone") end

local ec2 = aws.ec2 { region = args.region }

-- 1. The VPC: a private network of 65,536 addresses. Nothing gets in or out of it yet.
local vpc = ec2.vpc { name = "myvpc", cidr = "192.168.0.0/16" }

-- Not every account has every zone (new ones have no ap-northeast-1b): then the first two on offer will do.
local zones = ec2.availability_zones { prefer = args.zones, count = 2 }

-- 2. The internet gateway: the VPC's door. It leads nowhere until a route points to it.
local igw = ec2.internet_gateway { name = "mygateway", vpc = vpc }

-- 3. Two subnets, one in each zone: if a zone fails, the other one stays. A subnet cannot span zones.
local subnets = {}
for n, zone in ipairs(zones) do
  subnets[n] = ec2.subnet {
    name = ("mysubnet-%04d"):format(n),
    vpc = vpc,
    zone = zone,
    cidr = ("192.168.%d.0/24"):format(n),
  }
end

-- A /24 has 256 addresses. AWS keeps five of each subnet, so 251 are left, and .4 is the first that an instance can have.
local purposes = {
  [".0"] = "network address",
  [".1"] = "VPC router",
  [".2"] = "DNS",
  [".3"] = "future use",
  [".255"] = "network broadcast address",
}
for _, subnet in ipairs(subnets) do
  runbook.expect.equal(cidr.usable(subnet.cidr), 251, subnet.name .. ": usable addresses")
  local reserved = {}
  for _, one in ipairs(cidr.reserved(subnet.cidr)) do
    reserved[one.address:match("%.%d+$")] = one.purpose
  end
  runbook.expect.equal(reserved, purposes, subnet.name .. ": addresses that AWS keeps")

  -- EC2 counts the free ones: all 251, or one less once our instance is in.
  local free = subnet.available_ip_address_count
  runbook.expect.that(free == 251 or free == 250, subnet.name .. ": EC2 counts the same usable addresses")
end

-- 4. The default route. Subnets use the VPC's main route table until they get one of their own. EC2 puts one route into it:
-- the VPC's own block stays local, which is how the two subnets reach each other. With the second route below, whatever is
-- not for the VPC goes to the gateway, and that is what makes a subnet public: nothing in the subnet itself does.
local main = vpc.main_route_table
local inside, outside = {}, {}
for _, route in ipairs(main.routes) do
  table.insert(route.gateway_id == "local" and inside or outside, route.destination_cidr_block)
end
runbook.expect.equal(inside, { vpc.cidr }, "the route that EC2 makes: the VPC's block is local")
-- Before the first run there is no other route, so the subnets are private; in a re-run there is just ours.
runbook.expect.that(#outside == 0 or (#outside == 1 and outside[1] == "0.0.0.0/0"),
  "nothing but the default route makes the subnets public")

local default = main:route { to = "0.0.0.0/0", via = igw }
runbook.expect.equal(default.gateway_id, igw.id, "the default route leads to the gateway: the subnets are public")

-- 5. The security group: SSH from home. What is not listed may not come in; replies go out by themselves.
local ssh = ec2.security_group {
  name = "ssh-from-home",
  vpc = vpc,
  description = "ssh from home",
  ingress = { { tcp = 22, from = args.home, description = "ssh from home" } },
}

-- 6. The key pair. EC2 keeps the public half and hands out the private one once, into this file.
local key = ec2.key_pair { name = "mykeypair", save_to = "mykeypair.pem" }

-- 7. The instances, at the first address that AWS leaves free, and
-- 8. their Elastic IPs: an instance has no public address of its own here, and an Elastic IP stays when it is stopped.
for n, subnet in ipairs(subnets) do
  local instance = ec2.instance {
    name = ("myinstance-%04d"):format(n),
    subnet = subnet,
    private_ip = ("192.168.%d.4"):format(n),
    key_pair = key,
    security_groups = { ssh },
  }
  local eip = ec2.elastic_ip {
    name = ("myeip-%04d"):format(n),
    instance = instance,
    private_ip = ("192.168.%d.4"):format(n),
  }
  runbook.expect.that(not subnet.map_public_ip, subnet.name .. ": gives out no public addresses of its own")
  -- Nil at first; in a re-run, the Elastic IP of the run before.
  runbook.expect.that(instance.public_ip == nil or instance.public_ip == eip.public_ip,
    instance.name .. ": has no public address but its Elastic IP")

  runbook.output(instance.name, ("ssh ec2-user@%s -i mykeypair.pem"):format(eip.public_ip))
end
