// The AWS SDK for JavaScript v3 against the embedded EC2: a network over three zones is built, looked at, broken in
// twenty ways and torn down, with the SDK's waiters and paginators. At the end the account has to be as it was.
//
// The environment says which server, credentials and region (AWS_*), which actions the server has (VPCRUN_ACTIONS), and
// where the SDK is (NODE_PATH). Prints a line for each step; the first surprise ends it with exit status 1.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// Only a required module is looked for in NODE_PATH.
const sdk = createRequire(import.meta.url)("@aws-sdk/client-ec2");
const client = new sdk.EC2Client({ maxAttempts: 1 });
const region = await client.config.region();
const has = new Set(process.env.VPCRUN_ACTIONS.split(","));
const missing = "0123456789abcdef0";

const step = (text) => console.log(text);
const send = (action, input = {}) => client.send(new sdk[`${action}Command`](input));
const tags = (ResourceType, Name) => [{ ResourceType, Tags: [{ Key: "Name", Value: Name }] }];
const filter = (Name, ...Values) => [{ Name, Values }];

async function refused(code, action, input) {
  let answer;
  try {
    answer = await send(action, input);
  } catch (error) {
    assert.equal(error.name, code, `${action}: ${error.name}: ${error.message}`);
    assert.ok(error instanceof sdk.EC2ServiceException, `${action}: ${error}`);
    assert.ok(
      error.message && error.$metadata.requestId && error.$metadata.httpStatusCode >= 400,
      `${action}: ${error}`,
    );
    return step(`  refused: ${code}: ${error.message}`);
  }
  assert.fail(`${action} succeeded with ${JSON.stringify(answer)}, expected ${code}`);
}

const waited = new Set();
async function wait(waiter, input) {
  waited.add(waiter);
  const result = await sdk[`waitUntil${waiter}`]({ client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.2 }, input);
  assert.equal(result.state, "SUCCESS", waiter);
}

// Waits for what the SDK has no waiter for.
async function until(what, condition) {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `${what}: not within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const gone = new Set([
  "deleted",
  "deleting",
  "terminated",
  "failed",
  "rejected",
  "delete-in-progress",
  "delete-complete",
]);

async function picture() {
  const listed = [
    ["DescribeVpcs", "Vpcs", "VpcId"],
    ["DescribeSubnets", "Subnets", "SubnetId"],
    ["DescribeInternetGateways", "InternetGateways", "InternetGatewayId"],
    ["DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"],
    ["DescribeNatGateways", "NatGateways", "NatGatewayId"],
    ["DescribeRouteTables", "RouteTables", "RouteTableId"],
    ["DescribeNetworkAcls", "NetworkAcls", "NetworkAclId"],
    ["DescribeSecurityGroups", "SecurityGroups", "GroupId"],
    ["DescribeSecurityGroupRules", "SecurityGroupRules", "SecurityGroupRuleId"],
    ["DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId"],
    ["DescribeAddresses", "Addresses", "AllocationId"],
    ["DescribeKeyPairs", "KeyPairs", "KeyPairId"],
    ["DescribeDhcpOptions", "DhcpOptions", "DhcpOptionsId"],
    ["DescribeManagedPrefixLists", "PrefixLists", "PrefixListId"],
    ["DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpointId"],
    ["DescribeVpcPeeringConnections", "VpcPeeringConnections", "VpcPeeringConnectionId"],
    ["DescribeLaunchTemplates", "LaunchTemplates", "LaunchTemplateId"],
    ["DescribeFlowLogs", "FlowLogs", "FlowLogId"],
  ];
  const held = {};
  for (const [action, member, id] of listed) {
    const items = (await send(action))[member] ?? [];
    const state = (item) => item.State ?? item.Status?.Code;
    held[action] = items
      .filter((item) => !gone.has(state(item)))
      .map((item) => item[id])
      .sort();
  }
  return held;
}

const before = await picture();

// The VPC, with DHCP options, an IPv6 block and gateways.
const vpc = (
  await send("CreateVpc", {
    CidrBlock: "10.50.0.0/16",
    AmazonProvidedIpv6CidrBlock: true,
    TagSpecifications: tags("vpc", "js"),
  })
).Vpc.VpcId;
await wait("VpcExists", { VpcIds: [vpc] });
await wait("VpcAvailable", { VpcIds: [vpc] });
await send("ModifyVpcAttribute", { VpcId: vpc, EnableDnsHostnames: { Value: true } });
assert.equal(
  (await send("DescribeVpcAttribute", { VpcId: vpc, Attribute: "enableDnsHostnames" })).EnableDnsHostnames.Value,
  true,
);
const ipv6Block = async () => {
  const [{ Ipv6CidrBlockAssociationSet: set = [] }] = (await send("DescribeVpcs", { VpcIds: [vpc] })).Vpcs;
  return set.find((association) => association.Ipv6CidrBlockState.State === "associated")?.Ipv6CidrBlock;
};
await until("the IPv6 block", ipv6Block);
const ipv6 = (await ipv6Block()).replace(/00::\/56$/, "");
const dhcp = (
  await send("CreateDhcpOptions", {
    DhcpConfigurations: [{ Key: "domain-name", Values: ["js.example"] }],
  })
).DhcpOptions.DhcpOptionsId;
await send("AssociateDhcpOptions", { DhcpOptionsId: dhcp, VpcId: vpc });
const gateway = (await send("CreateInternetGateway")).InternetGateway.InternetGatewayId;
await wait("InternetGatewayExists", { InternetGatewayIds: [gateway] });
await send("AttachInternetGateway", { InternetGatewayId: gateway, VpcId: vpc });
const egress = (await send("CreateEgressOnlyInternetGateway", { VpcId: vpc })).EgressOnlyInternetGateway
  .EgressOnlyInternetGatewayId;
step("a VPC with an IPv6 block, DHCP options, an internet gateway and an egress-only one");

// Six subnets at a time, as a program of this SDK would.
const zones = (await send("DescribeAvailabilityZones")).AvailabilityZones.slice(0, 3).map((zone) => zone.ZoneName);
const subnet = async (tier, third, index) =>
  (
    await send("CreateSubnet", {
      VpcId: vpc,
      AvailabilityZone: zones[index],
      CidrBlock: `10.50.${third + index}.0/24`,
      Ipv6CidrBlock: ipv6 ? `${ipv6}${(third + index).toString(16).padStart(2, "0")}::/64` : undefined,
      TagSpecifications: tags("subnet", `${tier}-${index}`),
    })
  ).Subnet.SubnetId;
const publicSubnets = await Promise.all([0, 1, 2].map((index) => subnet("public", 0, index)));
const privateSubnets = await Promise.all([0, 1, 2].map((index) => subnet("private", 16, index)));
const subnets = [...publicSubnets, ...privateSubnets];
await wait("SubnetAvailable", { SubnetIds: subnets });
step("six subnets over three zones");

// NAT gateways, tables and routes.
const addresses = await Promise.all(
  [0, 1, 2].map(async () => (await send("AllocateAddress", { Domain: "vpc" })).AllocationId),
);
const nats = await Promise.all(
  publicSubnets.map(
    async (SubnetId, index) =>
      (await send("CreateNatGateway", { SubnetId, AllocationId: addresses[index] })).NatGateway.NatGatewayId,
  ),
);
await wait("NatGatewayAvailable", { NatGatewayIds: nats });
const tables = await Promise.all(
  [0, 1, 2, 3].map(async () => (await send("CreateRouteTable", { VpcId: vpc })).RouteTable.RouteTableId),
);
const [publicTable, ...privateTables] = tables;
await send("CreateRoute", { RouteTableId: publicTable, DestinationCidrBlock: "0.0.0.0/0", GatewayId: gateway });
await Promise.all(
  privateTables.map((RouteTableId, index) =>
    send("CreateRoute", { RouteTableId, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId: nats[index] }),
  ),
);
await Promise.all(
  privateTables.map((RouteTableId) =>
    send("CreateRoute", { RouteTableId, DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: egress }),
  ),
);
const associate = async (RouteTableId, SubnetId) =>
  (await send("AssociateRouteTable", { RouteTableId, SubnetId })).AssociationId;
const associations = [
  ...(await Promise.all(publicSubnets.map((id) => associate(publicTable, id)))),
  ...(await Promise.all(privateSubnets.map((id, index) => associate(privateTables[index], id)))),
];
const [table] = (await send("DescribeRouteTables", { RouteTableIds: [privateTables[0]] })).RouteTables;
assert.equal(table.Routes.find((route) => route.DestinationCidrBlock === "0.0.0.0/0").NatGatewayId, nats[0]);
assert.ok(table.Routes.every((route) => route.State === "active"));
step("three NAT gateways, four route tables and their routes");

// Groups, a prefix list, an ACL.
const offices = (
  await send("CreateManagedPrefixList", {
    PrefixListName: "js-offices",
    AddressFamily: "IPv4",
    MaxEntries: 2,
    Entries: [{ Cidr: "198.51.100.0/24" }],
  })
).PrefixList.PrefixListId;
await until(
  "the prefix list",
  async () =>
    (await send("DescribeManagedPrefixLists", { PrefixListIds: [offices] })).PrefixLists[0].State === "create-complete",
);
const group = async (GroupName) =>
  (await send("CreateSecurityGroup", { GroupName, Description: GroupName, VpcId: vpc })).GroupId;
const [web, app] = [await group("web"), await group("app")];
await wait("SecurityGroupExists", { GroupIds: [web, app] });
const tcp = (port, peer) => [{ IpProtocol: "tcp", FromPort: port, ToPort: port, ...peer }];
const everyone = tcp(443, { IpRanges: [{ CidrIp: "0.0.0.0/0" }] });
await send("AuthorizeSecurityGroupIngress", { GroupId: web, IpPermissions: everyone });
await send("AuthorizeSecurityGroupIngress", {
  GroupId: web,
  IpPermissions: tcp(22, { PrefixListIds: [{ PrefixListId: offices }] }),
});
await send("AuthorizeSecurityGroupIngress", {
  GroupId: app,
  IpPermissions: tcp(8080, { UserIdGroupPairs: [{ GroupId: web }] }),
});
const acl = (await send("CreateNetworkAcl", { VpcId: vpc })).NetworkAcl.NetworkAclId;
const entry = { NetworkAclId: acl, RuleNumber: 100, Protocol: "-1", RuleAction: "allow", CidrBlock: "0.0.0.0/0" };
await send("CreateNetworkAclEntry", { ...entry, Egress: false });
await send("CreateNetworkAclEntry", { ...entry, Egress: true });
const [defaultAcl] = (
  await send("DescribeNetworkAcls", { Filters: filter("association.subnet-id", privateSubnets[2]) })
).NetworkAcls;
const aclAssociation = defaultAcl.Associations.find((association) => association.SubnetId === privateSubnets[2]);
const { NewAssociationId } = await send("ReplaceNetworkAclAssociation", {
  AssociationId: aclAssociation.NetworkAclAssociationId,
  NetworkAclId: acl,
});
step("two security groups, a prefix list and a network ACL");

// Instances by a launch template, with an Elastic IP and a second interface.
const key = await send("CreateKeyPair", { KeyName: "js", KeyType: "ed25519" });
assert.match(key.KeyMaterial, /PRIVATE KEY/);
await wait("KeyPairExists", { KeyNames: ["js"] });
const template = (
  await send("CreateLaunchTemplate", {
    LaunchTemplateName: "js-app",
    LaunchTemplateData: {
      ImageId: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      InstanceType: "t3.micro",
      KeyName: "js",
      SecurityGroupIds: [web],
    },
  })
).LaunchTemplate.LaunchTemplateId;
const run = { LaunchTemplate: { LaunchTemplateId: template }, MinCount: 1, MaxCount: 1 };
const instances = await Promise.all(
  [publicSubnets[0], privateSubnets[0]].map(
    async (SubnetId) =>
      (await send("RunInstances", { ...run, SubnetId, TagSpecifications: tags("instance", "js") })).Instances[0]
        .InstanceId,
  ),
);
await wait("InstanceExists", { InstanceIds: instances });
await wait("InstanceRunning", { InstanceIds: instances });
await wait("InstanceStatusOk", { InstanceIds: instances });
await wait("SystemStatusOk", { InstanceIds: instances });
const address = await send("AllocateAddress", { Domain: "vpc" });
const { AssociationId } = await send("AssociateAddress", {
  AllocationId: address.AllocationId,
  InstanceId: instances[0],
});
const described = (await send("DescribeInstances", { InstanceIds: [instances[0]] })).Reservations[0].Instances[0];
assert.equal(described.PublicIpAddress, address.PublicIp);
assert.ok(described.LaunchTime instanceof Date, "times are dates");
const eni = (await send("CreateNetworkInterface", { SubnetId: publicSubnets[0], Groups: [web] })).NetworkInterface
  .NetworkInterfaceId;
await wait("NetworkInterfaceAvailable", { NetworkInterfaceIds: [eni] });
step("two instances by a launch template, an Elastic IP and a network interface");

// Endpoints, peering and a flow log.
const s3 = (
  await send("CreateVpcEndpoint", {
    VpcId: vpc,
    ServiceName: `com.amazonaws.${region}.s3`,
    RouteTableIds: privateTables,
  })
).VpcEndpoint.VpcEndpointId;
const ssm = (
  await send("CreateVpcEndpoint", {
    VpcId: vpc,
    ServiceName: `com.amazonaws.${region}.ssm`,
    VpcEndpointType: "Interface",
    SubnetIds: privateSubnets,
    SecurityGroupIds: [app],
    PrivateDnsEnabled: true,
  })
).VpcEndpoint.VpcEndpointId;
const endpoints = async () => (await send("DescribeVpcEndpoints", { VpcEndpointIds: [s3, ssm] })).VpcEndpoints;
await until("the endpoints", async () => (await endpoints()).every((endpoint) => endpoint.State === "available"));
const peer = (await send("CreateVpc", { CidrBlock: "10.60.0.0/16" })).Vpc.VpcId;
await wait("VpcAvailable", { VpcIds: [peer] });
const peering = (await send("CreateVpcPeeringConnection", { VpcId: vpc, PeerVpcId: peer })).VpcPeeringConnection
  .VpcPeeringConnectionId;
await wait("VpcPeeringConnectionExists", { VpcPeeringConnectionIds: [peering] });
const status = async () =>
  (await send("DescribeVpcPeeringConnections", { VpcPeeringConnectionIds: [peering] })).VpcPeeringConnections[0].Status
    .Code;
await until("the request", async () => (await status()) === "pending-acceptance");
await send("AcceptVpcPeeringConnection", { VpcPeeringConnectionId: peering });
await until("the peering", async () => (await status()) === "active");
await send("CreateRoute", {
  RouteTableId: publicTable,
  DestinationCidrBlock: "10.60.0.0/16",
  VpcPeeringConnectionId: peering,
});
const { FlowLogIds } = await send("CreateFlowLogs", {
  ResourceIds: [vpc],
  ResourceType: "VPC",
  TrafficType: "ALL",
  LogDestinationType: "s3",
  LogDestination: "arn:aws:s3:::js-logs",
});
step("two endpoints, a peering and a flow log");

// Every paginator of the SDK for what the server has: small pages hold what one answer holds.
const required = {
  DescribeAddressesAttribute: { Attribute: "domain-name" },
  DescribeImages: { Owners: ["amazon"] },
  DescribeLaunchTemplateVersions: { LaunchTemplateId: template },
  DescribeStaleSecurityGroups: { VpcId: vpc },
  GetManagedPrefixListAssociations: { PrefixListId: offices },
  GetManagedPrefixListEntries: { PrefixListId: offices },
  GetSecurityGroupsForVpc: { VpcId: vpc },
  GetInstanceTypesFromInstanceRequirements: {
    ArchitectureTypes: ["x86_64"],
    VirtualizationTypes: ["hvm"],
    InstanceRequirements: { VCpuCount: { Min: 2, Max: 4 }, MemoryMiB: { Min: 1024 } },
  },
};
const items = (page) =>
  Object.values(page)
    .filter(Array.isArray)
    .reduce((sum, list) => sum + list.length, 0);
let [paginators, several] = [0, 0];
for (const name of Object.keys(sdk).filter((name) => name.startsWith("paginate"))) {
  const action = name.slice("paginate".length);
  if (!has.has(action)) continue;
  const count = async (pageSize) => {
    const sizes = [];
    for await (const page of sdk[name]({ client, pageSize }, required[action] ?? {})) sizes.push(items(page));
    return sizes;
  };
  const [whole, paged] = [await count(undefined), await count(5)];
  const sum = (sizes) => sizes.reduce((a, b) => a + b, 0);
  assert.equal(sum(paged), sum(whole), `${name}: pages of ${paged} against ${whole}`);
  paginators += 1;
  several += paged.length > 1 ? 1 : 0;
}
assert.ok(several >= 6, `only ${several} paginators had more than one page`);
step(`${paginators} paginators were used, ${several} of them over several pages`);

// Twenty calls that are refused, with nothing changed.
const whole = await picture();
await refused("InvalidVpc.Range", "CreateVpc", { CidrBlock: "10.0.0.0/15" });
await refused("DryRunOperation", "DeleteVpc", { VpcId: vpc, DryRun: true });
await refused("DependencyViolation", "DeleteVpc", { VpcId: vpc });
await refused("InvalidSubnet.Conflict", "CreateSubnet", { VpcId: vpc, CidrBlock: "10.50.0.0/25" });
await refused("InvalidSubnet.Range", "CreateSubnet", { VpcId: vpc, CidrBlock: "172.16.0.0/24" });
await refused("DependencyViolation", "DeleteSubnet", { SubnetId: publicSubnets[0] });
await refused("DependencyViolation", "DeleteSecurityGroup", { GroupId: web });
await refused("DependencyViolation", "DetachInternetGateway", { InternetGatewayId: gateway, VpcId: vpc });
await refused("DependencyViolation", "DeleteRouteTable", { RouteTableId: publicTable });
await refused("DependencyViolation", "DeleteNetworkAcl", { NetworkAclId: acl });
await refused("RouteAlreadyExists", "CreateRoute", {
  RouteTableId: publicTable,
  DestinationCidrBlock: "0.0.0.0/0",
  NatGatewayId: nats[0],
});
await refused("Resource.AlreadyAssociated", "AssociateRouteTable", {
  RouteTableId: publicTable,
  SubnetId: privateSubnets[0],
});
await refused("NetworkAclEntryAlreadyExists", "CreateNetworkAclEntry", { ...entry, RuleAction: "deny", Egress: true });
await refused("InvalidGroup.Duplicate", "CreateSecurityGroup", { GroupName: "web", Description: "again", VpcId: vpc });
await refused("InvalidPermission.Duplicate", "AuthorizeSecurityGroupIngress", {
  GroupId: web,
  IpPermissions: everyone,
});
await refused("InvalidPermission.NotFound", "RevokeSecurityGroupIngress", { GroupId: app, IpPermissions: everyone });
await refused("InvalidIPAddress.InUse", "ReleaseAddress", { AllocationId: address.AllocationId });
await refused("InvalidKeyPair.Duplicate", "CreateKeyPair", { KeyName: "js" });
await refused("InvalidAMIID.NotFound", "RunInstances", {
  ...run,
  ImageId: `ami-${missing}`,
  SubnetId: publicSubnets[0],
});
await refused("InvalidInstanceID.NotFound", "TerminateInstances", { InstanceIds: [instances[0], `i-${missing}`] });
await refused("NatGatewayNotFound", "DeleteNatGateway", { NatGatewayId: `nat-${missing}` });
await refused("InvalidServiceName", "CreateVpcEndpoint", { VpcId: vpc, ServiceName: "com.amazonaws.nowhere.nothing" });
await refused("InvalidVpcID.NotFound", "DescribeVpcs", { VpcIds: [`vpc-${missing}`] });
assert.deepEqual(await picture(), whole, "a refused call changed something");
step("more than twenty calls were refused, and nothing changed");

// Back to where it began.
await send("DisassociateAddress", { AssociationId });
await send("ReleaseAddress", { AllocationId: address.AllocationId });
await send("StopInstances", { InstanceIds: instances });
await wait("InstanceStopped", { InstanceIds: instances });
await send("TerminateInstances", { InstanceIds: instances });
await wait("InstanceTerminated", { InstanceIds: instances });
await send("DeleteNetworkInterface", { NetworkInterfaceId: eni });
await send("DeleteLaunchTemplate", { LaunchTemplateId: template });
await send("DeleteKeyPair", { KeyName: "js" });
await send("DeleteFlowLogs", { FlowLogIds });
await send("DeleteVpcPeeringConnection", { VpcPeeringConnectionId: peering });
await wait("VpcPeeringConnectionDeleted", { VpcPeeringConnectionIds: [peering] });
await send("DeleteVpc", { VpcId: peer });
await send("DeleteVpcEndpoints", { VpcEndpointIds: [s3, ssm] });
await until("the endpoints' end", async () =>
  (await send("DescribeVpcEndpoints", { Filters: filter("vpc-id", vpc) })).VpcEndpoints.every(
    (endpoint) => endpoint.State === "deleted",
  ),
);
await Promise.all(nats.map((NatGatewayId) => send("DeleteNatGateway", { NatGatewayId })));
await wait("NatGatewayDeleted", { NatGatewayIds: nats });
await Promise.all(addresses.map((AllocationId) => send("ReleaseAddress", { AllocationId })));
await Promise.all(associations.map((id) => send("DisassociateRouteTable", { AssociationId: id })));
await Promise.all(tables.map((RouteTableId) => send("DeleteRouteTable", { RouteTableId })));
await send("ReplaceNetworkAclAssociation", { AssociationId: NewAssociationId, NetworkAclId: defaultAcl.NetworkAclId });
await send("DeleteNetworkAcl", { NetworkAclId: acl });
await Promise.all(subnets.map((SubnetId) => send("DeleteSubnet", { SubnetId })));
await send("DeleteSecurityGroup", { GroupId: app });
await send("DeleteSecurityGroup", { GroupId: web });
await send("DeleteManagedPrefixList", { PrefixListId: offices });
await send("DeleteEgressOnlyInternetGateway", { EgressOnlyInternetGatewayId: egress });
await send("DetachInternetGateway", { InternetGatewayId: gateway, VpcId: vpc });
await send("DeleteInternetGateway", { InternetGatewayId: gateway });
await send("DeleteVpc", { VpcId: vpc });
await send("DeleteDhcpOptions", { DhcpOptionsId: dhcp });
assert.deepEqual(await picture(), before, "the account is not as it was");
step(`${waited.size} waiters were used; the account is as it was`);
