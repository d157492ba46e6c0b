"""boto3 against the embedded EC2: a network over three zones is built, looked at, broken in forty ways and torn down.

Every waiter and every paginator that boto3 has for what the server has is used. At the end the account has to be as it
was. The environment says which server, credentials and region (AWS_*), and which actions the server has
(VPCRUN_ACTIONS).
"""

import ipaddress
import time

import botocore.exceptions

from steps import WAIT, actions, check, client, compare_pictures, fail, picture, refused, same, step, tagged

IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
MISSING = "0123456789abcdef0"

ec2 = client()
far = client("us-west-2")
waited = set()


def wait(waiter, at=ec2, **arguments):
    """Waits as boto3 waits."""
    waited.add(waiter)
    try:
        at.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)
    except botocore.exceptions.WaiterError as error:
        fail(f"{waiter}({arguments}): {error}; last answer: {error.last_response}")


def wait_for(what, condition):
    """Waits for what boto3 has no waiter for."""
    end = time.monotonic() + 30
    while not condition():
        check(time.monotonic() < end, f"{what}: not within 30 s")
        time.sleep(0.05)


class Net:
    """The ids of what the scenario makes."""


net = Net()
# What is undone, in this order, when the network goes. Filled in reverse by those who build.
undo = []


def undone_by(call, **arguments):
    undo.insert(0, (call, arguments))


def build_vpc():
    vpc = ec2.create_vpc(
        CidrBlock="10.20.0.0/16", AmazonProvidedIpv6CidrBlock=True, TagSpecifications=tagged("vpc", "main")
    )["Vpc"]
    same("the new VPC's state", vpc["State"], "pending")
    net.vpc = vpc["VpcId"]
    undone_by(ec2.delete_vpc, VpcId=net.vpc)
    wait("vpc_exists", VpcIds=[net.vpc])
    wait("vpc_available", VpcIds=[net.vpc])
    ec2.modify_vpc_attribute(VpcId=net.vpc, EnableDnsHostnames={"Value": True})
    for attribute, member in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        answer = ec2.describe_vpc_attribute(VpcId=net.vpc, Attribute=attribute)
        same(attribute, answer[member], {"Value": True})
    found = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["main"]}])["Vpcs"]
    same("VPCs named main", [v["VpcId"] for v in found], [net.vpc])
    wait_for("the VPC's IPv6 block", lambda: ipv6_association(ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]))
    net.ipv6 = ipaddress.ip_network(ipv6_association(ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]))
    same("the prefix length of the VPC's IPv6 block", net.ipv6.prefixlen, 56)
    second = ec2.associate_vpc_cidr_block(VpcId=net.vpc, CidrBlock="10.21.0.0/16")["CidrBlockAssociation"]
    same("the second block's state", second["CidrBlockState"]["State"], "associating")
    net.second_block = second["AssociationId"]

    options = ec2.create_dhcp_options(
        DhcpConfigurations=[
            {"Key": "domain-name", "Values": ["clients.example"]},
            {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]},
        ],
        TagSpecifications=tagged("dhcp-options", "main"),
    )["DhcpOptions"]
    net.dhcp = options["DhcpOptionsId"]
    undone_by(ec2.delete_dhcp_options, DhcpOptionsId=net.dhcp)
    ec2.associate_dhcp_options(DhcpOptionsId=net.dhcp, VpcId=net.vpc)
    same("the VPC's DHCP options", ec2.describe_vpcs(VpcIds=[net.vpc])["Vpcs"][0]["DhcpOptionsId"], net.dhcp)
    undone_by(ec2.associate_dhcp_options, DhcpOptionsId="default", VpcId=net.vpc)
    step("a VPC with an IPv6 block, a second IPv4 block and DHCP options of its own")


def ipv6_association(vpc):
    associated = [
        a["Ipv6CidrBlock"]
        for a in vpc.get("Ipv6CidrBlockAssociationSet", [])
        if a["Ipv6CidrBlockState"]["State"] == "associated"
    ]
    return associated[0] if associated else None


def build_gateways():
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", "main"))["InternetGateway"]
    net.gateway = gateway["InternetGatewayId"]
    undone_by(ec2.delete_internet_gateway, InternetGatewayId=net.gateway)
    wait("internet_gateway_exists", InternetGatewayIds=[net.gateway])
    ec2.attach_internet_gateway(InternetGatewayId=net.gateway, VpcId=net.vpc)
    undone_by(ec2.detach_internet_gateway, InternetGatewayId=net.gateway, VpcId=net.vpc)
    egress = ec2.create_egress_only_internet_gateway(VpcId=net.vpc)["EgressOnlyInternetGateway"]
    net.egress = egress["EgressOnlyInternetGatewayId"]
    undone_by(ec2.delete_egress_only_internet_gateway, EgressOnlyInternetGatewayId=net.egress)
    step("an internet gateway and an egress-only one")


def build_subnets():
    zones = [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]][:3]
    same("zones", len(zones), 3)
    net.subnets = {"public": [], "private": [], "isolated": []}
    ipv6 = net.ipv6.subnets(new_prefix=64)
    for third, (tier, subnets) in enumerate(net.subnets.items()):
        for index, zone in enumerate(zones):
            subnet = ec2.create_subnet(
                VpcId=net.vpc,
                AvailabilityZone=zone,
                CidrBlock=f"10.20.{16 * third + index}.0/24",
                Ipv6CidrBlock=str(next(ipv6)),
                TagSpecifications=tagged("subnet", f"{tier}-{index}", tier=tier),
            )["Subnet"]
            subnets.append(subnet["SubnetId"])
            undone_by(ec2.delete_subnet, SubnetId=subnet["SubnetId"])
            same("free addresses of a new subnet", subnet["AvailableIpAddressCount"], 251)
    wait("subnet_available", SubnetIds=sum(net.subnets.values(), []))
    for subnet in net.subnets["public"]:
        ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    public = ec2.describe_subnets(Filters=[{"Name": "tag:tier", "Values": ["public"]}])["Subnets"]
    check(all(s["MapPublicIpOnLaunch"] for s in public) and len(public) == 3, f"public subnets: {public}")
    step("nine subnets over three zones: public, private, isolated")


def build_nat_gateways():
    net.nats, net.nat_addresses = [], []
    for index, subnet in enumerate(net.subnets["public"]):
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", f"nat-{index}"))
        net.nat_addresses.append(address["AllocationId"])
        nat = ec2.create_nat_gateway(
            SubnetId=subnet,
            AllocationId=address["AllocationId"],
            ClientToken=f"scenario-nat-{index}",
            TagSpecifications=tagged("natgateway", f"nat-{index}"),
        )["NatGateway"]
        same("a new NAT gateway's state", nat["State"], "pending")
        net.nats.append(nat["NatGatewayId"])
    wait("nat_gateway_available", NatGatewayIds=net.nats)
    nats = ec2.describe_nat_gateways(NatGatewayIds=net.nats)["NatGateways"]
    for nat in nats:
        [address] = nat["NatGatewayAddresses"]
        asked = ec2.describe_network_interfaces(NetworkInterfaceIds=[address["NetworkInterfaceId"]])
        [interface] = asked["NetworkInterfaces"]
        same("the interface type of a NAT gateway", interface["InterfaceType"], "nat_gateway")
        same("the public address of its interface", interface["Association"]["PublicIp"], address["PublicIp"])
    step("three NAT gateways with Elastic IPs")


def build_routes():
    def table(name):
        made = ec2.create_route_table(VpcId=net.vpc, TagSpecifications=tagged("route-table", name))
        return made["RouteTable"]["RouteTableId"]

    net.tables, net.associations = {}, {}
    for name in ("public", "private-0", "private-1", "private-2", "isolated"):
        net.tables[name] = table(name)
        undone_by(ec2.delete_route_table, RouteTableId=net.tables[name])
    for tier, subnets in net.subnets.items():
        for index, subnet in enumerate(subnets):
            name = f"private-{index}" if tier == "private" else tier
            association = ec2.associate_route_table(RouteTableId=net.tables[name], SubnetId=subnet)["AssociationId"]
            net.associations[subnet] = association
            undone_by(ec2.disassociate_route_table, AssociationId=association)
    ec2.create_route(RouteTableId=net.tables["public"], DestinationCidrBlock="0.0.0.0/0", GatewayId=net.gateway)
    ec2.create_route(RouteTableId=net.tables["public"], DestinationIpv6CidrBlock="::/0", GatewayId=net.gateway)
    for index, nat in enumerate(net.nats):
        private = net.tables[f"private-{index}"]
        ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
        ec2.create_route(RouteTableId=private, DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId=net.egress)
    routes = ec2.describe_route_tables(RouteTableIds=[net.tables["private-0"]])["RouteTables"][0]["Routes"]
    targets = {r.get("DestinationCidrBlock") or r.get("DestinationIpv6CidrBlock"): r for r in routes}
    same("the private default route", targets["0.0.0.0/0"]["NatGatewayId"], net.nats[0])
    same("the private IPv6 default route", targets["::/0"]["EgressOnlyInternetGatewayId"], net.egress)
    check(all(route["State"] == "active" for route in routes), f"routes: {routes}")
    step("five route tables, their routes and associations")


def build_acls():
    acl = ec2.create_network_acl(VpcId=net.vpc, TagSpecifications=tagged("network-acl", "isolated"))["NetworkAcl"]
    net.acl = acl["NetworkAclId"]
    undone_by(ec2.delete_network_acl, NetworkAclId=net.acl)
    entry = dict(NetworkAclId=net.acl, RuleNumber=100, Protocol="6", RuleAction="allow", CidrBlock="10.20.0.0/16")
    ec2.create_network_acl_entry(Egress=False, PortRange={"From": 5432, "To": 5432}, **entry)
    ec2.create_network_acl_entry(Egress=True, PortRange={"From": 1024, "To": 65535}, **entry)
    ec2.replace_network_acl_entry(Egress=True, PortRange={"From": 32768, "To": 65535}, **entry)
    for subnet in net.subnets["isolated"]:
        subnet_of = [{"Name": "association.subnet-id", "Values": [subnet]}]
        [before] = ec2.describe_network_acls(Filters=subnet_of)["NetworkAcls"]
        old = next(a["NetworkAclAssociationId"] for a in before["Associations"] if a["SubnetId"] == subnet)
        new = ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=net.acl)["NewAssociationId"]
        check(new != old, "replacing an association gives a new id")
        undone_by(ec2.replace_network_acl_association, AssociationId=new, NetworkAclId=before["NetworkAclId"])
    [acl] = ec2.describe_network_acls(NetworkAclIds=[net.acl])["NetworkAcls"]
    same("subnets of the ACL", sorted(a["SubnetId"] for a in acl["Associations"]), sorted(net.subnets["isolated"]))
    same("rules of the ACL", len(acl["Entries"]), 4 + (2 if any("Ipv6CidrBlock" in e for e in acl["Entries"]) else 0))
    step("a network ACL for the isolated subnets")


def build_groups():
    def group(name):
        made = ec2.create_security_group(
            GroupName=name, Description=f"{name} tier", VpcId=net.vpc, TagSpecifications=tagged("security-group", name)
        )["GroupId"]
        undone_by(ec2.delete_security_group, GroupId=made)
        return made

    offices = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=4,
        Entries=[{"Cidr": "198.51.100.0/24", "Description": "head office"}, {"Cidr": "203.0.113.128/25"}],
        TagSpecifications=tagged("prefix-list", "offices"),
    )["PrefixList"]
    net.offices = offices["PrefixListId"]
    undone_by(ec2.delete_managed_prefix_list, PrefixListId=net.offices)
    state = lambda: ec2.describe_managed_prefix_lists(PrefixListIds=[net.offices])["PrefixLists"][0]
    wait_for("the prefix list", lambda: state()["State"] == "create-complete")
    ec2.modify_managed_prefix_list(PrefixListId=net.offices, CurrentVersion=1, AddEntries=[{"Cidr": "192.0.2.0/24"}])
    wait_for("the prefix list's version 2", lambda: (state()["Version"], state()["State"]) == (2, "modify-complete"))

    net.web, net.app, net.data = group("web"), group("app"), group("data")
    wait("security_group_exists", GroupIds=[net.web, net.app, net.data])
    rule = lambda port, **peer: [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}]
    ec2.authorize_security_group_ingress(
        GroupId=net.web,
        IpPermissions=rule(
            443, IpRanges=[{"CidrIp": "0.0.0.0/0", "Description": "everyone"}], Ipv6Ranges=[{"CidrIpv6": "::/0"}]
        ),
    )
    ec2.authorize_security_group_ingress(
        GroupId=net.web,
        IpPermissions=rule(22, PrefixListIds=[{"PrefixListId": net.offices, "Description": "the offices"}]),
    )
    for group_id, source, port in ((net.app, net.web, 8080), (net.data, net.app, 5432)):
        made = ec2.authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=rule(port, UserIdGroupPairs=[{"GroupId": source}])
        )["SecurityGroupRules"]
        same("the rule's group", made[0]["ReferencedGroupInfo"]["GroupId"], source)
        # References come off before the groups go.
        undone_by(
            ec2.revoke_security_group_ingress, GroupId=group_id, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]]
        )
    [data] = ec2.describe_security_groups(GroupIds=[net.data])["SecurityGroups"]
    same("a new group's way out", out(data["IpPermissionsEgress"]), ["0.0.0.0/0", "::/0"])  # the VPC has an IPv6 block
    ec2.revoke_security_group_egress(GroupId=net.data, IpPermissions=data["IpPermissionsEgress"])
    [data] = ec2.describe_security_groups(GroupIds=[net.data])["SecurityGroups"]
    same("rules out of the data tier", data["IpPermissionsEgress"], [])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [net.web]}])["SecurityGroupRules"]
    same("rules of the web tier", len(rules), 5)
    undone_by(
        ec2.revoke_security_group_ingress,
        GroupId=net.web,
        IpPermissions=rule(22, PrefixListIds=[{"PrefixListId": net.offices}]),
    )
    step("three security groups that refer to each other, and a prefix list")


def out(permissions):
    """The networks that permissions speak of."""
    ranges = [r.get("CidrIp") or r.get("CidrIpv6") for p in permissions for r in p["IpRanges"] + p["Ipv6Ranges"]]
    return sorted(ranges)


def build_instances():
    key = ec2.create_key_pair(KeyName="scenario", KeyType="ed25519", TagSpecifications=tagged("key-pair", "scenario"))
    check("PRIVATE KEY" in key["KeyMaterial"], "the new key pair has its private key")
    undone_by(ec2.delete_key_pair, KeyName="scenario")
    wait("key_pair_exists", KeyNames=["scenario"])
    template = ec2.create_launch_template(
        LaunchTemplateName="app",
        LaunchTemplateData={
            "ImageId": IMAGE,
            "InstanceType": "t3.micro",
            "KeyName": "scenario",
            "SecurityGroupIds": [net.app],
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "tier", "Value": "app"}]}],
        },
        TagSpecifications=tagged("launch-template", "app"),
    )["LaunchTemplate"]
    net.template = template["LaunchTemplateId"]
    undone_by(ec2.delete_launch_template, LaunchTemplateId=net.template)

    web = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        KeyName="scenario",
        SubnetId=net.subnets["public"][0],
        SecurityGroupIds=[net.web],
        PrivateIpAddress="10.20.0.10",
        ClientToken="scenario-web",
        MetadataOptions={"HttpTokens": "required"},
        UserData="#cloud-config\n",
        TagSpecifications=tagged("instance", "web"),
    )["Instances"][0]
    same("a new instance's state", web["State"]["Name"], "pending")
    net.web_instance = web["InstanceId"]
    wait("instance_exists", InstanceIds=[net.web_instance])
    net.app_instances = [
        ec2.run_instances(LaunchTemplate={"LaunchTemplateId": net.template}, MinCount=1, MaxCount=1, SubnetId=subnet)[
            "Instances"
        ][0]["InstanceId"]
        for subnet in net.subnets["private"]
    ]
    wait("instance_running", InstanceIds=[net.web_instance, *net.app_instances])
    wait("instance_status_ok", InstanceIds=[net.web_instance])
    wait("system_status_ok", InstanceIds=[net.web_instance])
    web = instance(net.web_instance)
    same("the web server's address", web["PrivateIpAddress"], "10.20.0.10")
    check(web.get("PublicIpAddress"), "an instance in a public subnet has a public address")
    same("the web server's metadata tokens", web["MetadataOptions"]["HttpTokens"], "required")
    app = instance(net.app_instances[0])
    same("the app server's groups", [g["GroupId"] for g in app["SecurityGroups"]], [net.app])
    check({"Key": "tier", "Value": "app"} in app["Tags"], f"the launch template's tags: {app['Tags']}")
    check("PublicIpAddress" not in app, "an instance in a private subnet has no public address")
    volumes = [mapping["Ebs"]["VolumeId"] for mapping in web["BlockDeviceMappings"]]
    wait("volume_in_use", VolumeIds=volumes)
    net.volumes = volumes
    step("a web server, and an app server in each zone by a launch template")


def build_addresses():
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "web"))
    net.address, net.public_ip = address["AllocationId"], address["PublicIp"]
    undone_by(ec2.release_address, AllocationId=net.address)
    net.address_association = ec2.associate_address(AllocationId=net.address, InstanceId=net.web_instance)[
        "AssociationId"
    ]
    web = instance(net.web_instance)
    same("the web server's public address", web["PublicIpAddress"], net.public_ip)

    interface = ec2.create_network_interface(
        SubnetId=net.subnets["public"][0],
        Groups=[net.web],
        Description="spare",
        PrivateIpAddress="10.20.0.20",
        TagSpecifications=tagged("network-interface", "spare"),
    )["NetworkInterface"]
    net.interface = interface["NetworkInterfaceId"]
    undone_by(ec2.delete_network_interface, NetworkInterfaceId=net.interface)
    wait("network_interface_available", NetworkInterfaceIds=[net.interface])
    ec2.assign_private_ip_addresses(NetworkInterfaceId=net.interface, PrivateIpAddresses=["10.20.0.21"])
    ec2.assign_ipv6_addresses(NetworkInterfaceId=net.interface, Ipv6AddressCount=1)
    attachment = ec2.attach_network_interface(
        NetworkInterfaceId=net.interface, InstanceId=net.web_instance, DeviceIndex=1
    )
    net.attachment = attachment["AttachmentId"]
    [interface] = ec2.describe_network_interfaces(NetworkInterfaceIds=[net.interface])["NetworkInterfaces"]
    same(
        "the interface's addresses",
        [a["PrivateIpAddress"] for a in interface["PrivateIpAddresses"]],
        ["10.20.0.20", "10.20.0.21"],
    )
    same("its IPv6 addresses", len(interface["Ipv6Addresses"]), 1)
    same("its status", interface["Status"], "in-use")
    step("an Elastic IP on the web server, and a second network interface")


def build_endpoints():
    s3 = ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName=f"com.amazonaws.{ec2.meta.region_name}.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=[net.tables["isolated"]],
        TagSpecifications=tagged("vpc-endpoint", "s3"),
    )["VpcEndpoint"]
    ssm = ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName=f"com.amazonaws.{ec2.meta.region_name}.ssm",
        VpcEndpointType="Interface",
        SubnetIds=net.subnets["private"],
        SecurityGroupIds=[net.app],
        PrivateDnsEnabled=True,
        TagSpecifications=tagged("vpc-endpoint", "ssm"),
    )["VpcEndpoint"]
    net.endpoints = [s3["VpcEndpointId"], ssm["VpcEndpointId"]]
    states = lambda: {e["State"] for e in ec2.describe_vpc_endpoints(VpcEndpointIds=net.endpoints)["VpcEndpoints"]}
    wait_for("the endpoints", lambda: states() == {"available"})
    [table] = ec2.describe_route_tables(RouteTableIds=[net.tables["isolated"]])["RouteTables"]
    [route] = [r for r in table["Routes"] if "DestinationPrefixListId" in r]
    same("the gateway endpoint's route", route["GatewayId"], net.endpoints[0])
    [ssm] = ec2.describe_vpc_endpoints(VpcEndpointIds=net.endpoints[1:])["VpcEndpoints"]
    same("interfaces of the interface endpoint", len(ssm["NetworkInterfaceIds"]), 3)
    logs = ec2.create_flow_logs(
        ResourceIds=[net.vpc],
        ResourceType="VPC",
        TrafficType="REJECT",
        LogDestinationType="s3",
        LogDestination="arn:aws:s3:::scenario-logs",
        TagSpecifications=tagged("vpc-flow-log", "rejects"),
    )
    same("resources without a flow log", logs.get("Unsuccessful", []), [])
    net.logs = logs["FlowLogIds"]
    undone_by(ec2.delete_flow_logs, FlowLogIds=net.logs)
    [log] = ec2.describe_flow_logs(FlowLogIds=net.logs)["FlowLogs"]
    same("the flow log's resource", log["ResourceId"], net.vpc)
    step("a gateway endpoint, an interface endpoint and a flow log")


def build_peering():
    near_vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16", TagSpecifications=tagged("vpc", "near"))["Vpc"]["VpcId"]
    far_vpc = far.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=tagged("vpc", "far"))["Vpc"]["VpcId"]
    undone_by(ec2.delete_vpc, VpcId=near_vpc)
    undone_by(far.delete_vpc, VpcId=far_vpc)
    wait("vpc_available", VpcIds=[near_vpc])
    wait("vpc_available", at=far, VpcIds=[far_vpc])

    def peer(**arguments):
        made = ec2.create_vpc_peering_connection(VpcId=net.vpc, **arguments)
        return made["VpcPeeringConnection"]["VpcPeeringConnectionId"]

    near, across = peer(PeerVpcId=near_vpc), peer(PeerVpcId=far_vpc, PeerRegion="us-west-2")
    wait("vpc_peering_connection_exists", VpcPeeringConnectionIds=[near, across])

    def status(at, id):
        found = at.describe_vpc_peering_connections(VpcPeeringConnectionIds=[id])
        return found["VpcPeeringConnections"][0]["Status"]["Code"]

    wait_for("the near peering", lambda: status(ec2, near) == "pending-acceptance")
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=near)
    wait("vpc_peering_connection_exists", at=far, VpcPeeringConnectionIds=[across])
    wait_for("the far peering", lambda: status(far, across) == "pending-acceptance")
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=across)
    wait_for("both peerings", lambda: {status(ec2, near), status(ec2, across)} == {"active"})
    for table in net.tables.values():
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.30.0.0/16", VpcPeeringConnectionId=near)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.40.0.0/16", VpcPeeringConnectionId=across)
    net.near_vpc, net.far_vpc, net.peerings = near_vpc, far_vpc, [near, across]
    step("peerings with a VPC of this region and of another one")


def build_gateways_of_vpns():
    """A customer gateway and a VPN gateway come and go, with what routes to them."""
    customer = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="198.51.100.1", BgpAsn=65000)["CustomerGateway"]
    wait("customer_gateway_available", CustomerGatewayIds=[customer["CustomerGatewayId"]])
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpcId=net.vpc, VpnGatewayId=gateway)

    def states():
        [found] = ec2.describe_vpn_gateways(VpnGatewayIds=[gateway])["VpnGateways"]
        return {attachment["State"] for attachment in found["VpcAttachments"]}

    wait_for("the VPN gateway's attachment", lambda: states() == {"attached"})
    office = {"RouteTableId": net.tables["isolated"], "DestinationCidrBlock": "192.168.0.0/16"}
    ec2.create_route(GatewayId=gateway, **office)
    if "CreateVpnConnection" in actions():
        vpn = ec2.create_vpn_connection(
            Type="ipsec.1",
            CustomerGatewayId=customer["CustomerGatewayId"],
            VpnGatewayId=gateway,
            Options={"StaticRoutesOnly": True},
        )["VpnConnection"]
        wait("vpn_connection_available", VpnConnectionIds=[vpn["VpnConnectionId"]])
        ec2.delete_vpn_connection(VpnConnectionId=vpn["VpnConnectionId"])
        wait("vpn_connection_deleted", VpnConnectionIds=[vpn["VpnConnectionId"]])
    ec2.delete_route(**office)
    ec2.detach_vpn_gateway(VpcId=net.vpc, VpnGatewayId=gateway)
    wait_for("the VPN gateway's detachment", lambda: states() <= {"detached"})
    ec2.delete_vpn_gateway(VpnGatewayId=gateway)
    ec2.delete_customer_gateway(CustomerGatewayId=customer["CustomerGatewayId"])
    step("a customer gateway and a VPN gateway came and went")


def share_group():
    ec2.associate_security_group_vpc(GroupId=net.web, VpcId=net.near_vpc)
    mine = [{"Name": "group-id", "Values": [net.web]}]
    wait("security_group_vpc_association_associated", Filters=mine)
    ec2.disassociate_security_group_vpc(GroupId=net.web, VpcId=net.near_vpc)
    wait("security_group_vpc_association_disassociated", Filters=mine)
    step("a security group served another VPC for a while")


def copy_image():
    source = instance(net.web_instance)["ImageId"]
    image = ec2.copy_image(Name="scenario", SourceImageId=source, SourceRegion=ec2.meta.region_name)["ImageId"]
    wait("image_exists", ImageIds=[image])
    wait("image_available", ImageIds=[image])
    ec2.deregister_image(ImageId=image)
    step("a copied image came and went")


def instance(id):
    [reservation] = ec2.describe_instances(InstanceIds=[id])["Reservations"]
    return reservation["Instances"][0]


# Each waiter of boto3 whose operation the server has is used, but these.
UNUSED_WAITERS = {
    "password_data_available": "only Windows instances have one",
    "snapshot_completed": "snapshots are no part of a VPC",
    "volume_available": "without CreateVolume, a volume is in use until it goes",
    "store_image_task_complete": "storing images is no part of a VPC",
}


def check_waiters():
    for name in ec2.waiter_names:
        operation = ec2.get_waiter(name).config.operation
        if operation in actions() and name not in waited and name not in UNUSED_WAITERS:
            fail(f"the scenario does not use boto3's waiter {name}, though the server has {operation}")
    step(f"{len(waited)} waiters of boto3 were used")


# What a paginated action requires, and what it may be asked by so that it answers in this world.
def page_arguments():
    return {
        "describe_addresses_attribute": {"Attribute": "domain-name"},
        "describe_images": {"Owners": ["amazon"]},
        "describe_launch_template_versions": {"LaunchTemplateId": net.template},
        "describe_stale_security_groups": {"VpcId": net.vpc},
        "get_managed_prefix_list_associations": {"PrefixListId": net.offices},
        "get_managed_prefix_list_entries": {"PrefixListId": net.offices},
        "get_security_groups_for_vpc": {"VpcId": net.vpc},
        "get_instance_types_from_instance_requirements": {
            "ArchitectureTypes": ["x86_64"],
            "VirtualizationTypes": ["hvm"],
            "InstanceRequirements": {"VCpuCount": {"Min": 2, "Max": 4}, "MemoryMiB": {"Min": 1024}},
        },
    }


def check_paginators():
    """Small pages hold what one answer holds."""
    arguments, count, several = page_arguments(), 0, 0
    for method, operation in sorted(ec2.meta.method_to_api_mapping.items()):
        if operation not in actions() or not ec2.can_paginate(method):
            continue
        request = ec2.meta.service_model.operation_model(operation).input_shape
        given = arguments.get(method, {})
        missing = set(request.required_members) - given.keys()
        check(not missing, f"the scenario has to give {method} {sorted(missing)}")
        paginator = ec2.get_paginator(method)
        key = paginator.result_keys[0].expression
        whole = paginator.paginate(**given).build_full_result().get(key, [])
        size = max(5, request.members["MaxResults"].metadata.get("min", 5))
        pages = [page.get(key, []) for page in paginator.paginate(PaginationConfig={"PageSize": size}, **given)]
        sizes = [len(page) for page in pages]
        check(max(sizes) <= size, f"{method}: pages of {sizes} where {size} were asked for")
        if sorted(map(repr, sum(pages, []))) != sorted(map(repr, whole)):
            fail(f"{method}: pages of {sizes} differ from one answer of {len(whole)}: {pages} {whole}")
        count += 1
        several += len(sizes) > 1
    check(several >= 8, f"only {several} paginators had more than one page")
    step(f"{count} paginators of boto3 were used, {several} of them over several pages")


def break_it():
    """Each of these is refused, and nothing changes."""
    before = picture(ec2)
    public, private, isolated = (net.subnets[tier][0] for tier in ("public", "private", "isolated"))
    near = [{"Name": "vpc-id", "Values": [net.near_vpc]}]
    elsewhere = ec2.describe_security_groups(Filters=near)["SecurityGroups"][0]["GroupId"]
    image = instance(net.web_instance)["ImageId"]
    run = dict(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=public)
    https = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    refused("InvalidVpc.Range", ec2.create_vpc, CidrBlock="10.0.0.0/8")
    refused("DryRunOperation", ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)
    refused("InvalidSubnet.Conflict", ec2.create_subnet, VpcId=net.vpc, CidrBlock="10.20.0.128/25")
    refused("InvalidSubnet.Range", ec2.create_subnet, VpcId=net.vpc, CidrBlock="10.99.0.0/24")
    refused("DependencyViolation", ec2.delete_vpc, VpcId=net.vpc)
    refused("DependencyViolation", ec2.delete_subnet, SubnetId=private)
    refused("DependencyViolation", ec2.delete_security_group, GroupId=net.web)
    refused("DependencyViolation", ec2.delete_internet_gateway, InternetGatewayId=net.gateway)
    refused("DependencyViolation", ec2.detach_internet_gateway, InternetGatewayId=net.gateway, VpcId=net.vpc)
    refused("DependencyViolation", ec2.delete_route_table, RouteTableId=net.tables["public"])
    refused("DependencyViolation", ec2.delete_network_acl, NetworkAclId=net.acl)
    refused("DependencyViolation", ec2.delete_dhcp_options, DhcpOptionsId=net.dhcp)
    refused(
        "Resource.AlreadyAssociated", ec2.attach_internet_gateway, InternetGatewayId=net.gateway, VpcId=net.near_vpc
    )
    refused(
        "RouteAlreadyExists",
        ec2.create_route,
        RouteTableId=net.tables["public"],
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=net.nats[0],
    )
    refused(
        "InvalidParameterValue",
        ec2.replace_route,
        RouteTableId=net.tables["isolated"],
        DestinationCidrBlock="0.0.0.0/0",
        GatewayId=net.gateway,
    )
    refused(
        "InvalidRoute.NotFound", ec2.delete_route, RouteTableId=net.tables["isolated"], DestinationCidrBlock="0.0.0.0/0"
    )
    refused(
        "Resource.AlreadyAssociated", ec2.associate_route_table, RouteTableId=net.tables["public"], SubnetId=private
    )
    refused(
        "NetworkAclEntryAlreadyExists",
        ec2.create_network_acl_entry,
        NetworkAclId=net.acl,
        RuleNumber=100,
        Egress=False,
        Protocol="-1",
        RuleAction="deny",
        CidrBlock="0.0.0.0/0",
    )
    refused(
        "InvalidNetworkAclEntry.NotFound",
        ec2.delete_network_acl_entry,
        NetworkAclId=net.acl,
        RuleNumber=200,
        Egress=False,
    )
    refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="web", Description="again", VpcId=net.vpc)
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=net.web, IpPermissions=https)
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=net.app, IpPermissions=https)
    refused("InvalidKeyPair.Duplicate", ec2.create_key_pair, KeyName="scenario")
    refused("InvalidIPAddress.InUse", ec2.create_network_interface, SubnetId=public, PrivateIpAddress="10.20.0.10")
    refused("InvalidParameterValue", ec2.create_network_interface, SubnetId=public, PrivateIpAddress="10.20.0.3")
    refused("InvalidParameterValue", ec2.delete_network_interface, NetworkInterfaceId=net.interface)
    refused("InvalidParameter", ec2.run_instances, SecurityGroupIds=[elsewhere], **run)
    refused("InvalidAMIID.NotFound", ec2.run_instances, **{**run, "ImageId": f"ami-{MISSING}"})
    refused("InvalidKeyPair.NotFound", ec2.run_instances, KeyName="nobody", **run)
    refused("IdempotentParameterMismatch", ec2.run_instances, ClientToken="scenario-web", **run)
    refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=net.address)
    refused(
        "Resource.AlreadyAssociated",
        ec2.associate_address,
        AllocationId=net.address,
        NetworkInterfaceId=net.interface,
        AllowReassociation=False,
    )
    refused("NatGatewayNotFound", ec2.delete_nat_gateway, NatGatewayId=f"nat-{MISSING}")
    refused(
        "PrefixListVersionMismatch",
        ec2.modify_managed_prefix_list,
        PrefixListId=net.offices,
        CurrentVersion=1,
        AddEntries=[{"Cidr": "192.0.2.0/25"}],
    )
    refused(
        "InvalidLaunchTemplateName.AlreadyExistsException",
        ec2.create_launch_template,
        LaunchTemplateName="app",
        LaunchTemplateData={"InstanceType": "t3.nano"},
    )
    refused(
        "InvalidVpcPeeringConnectionID.NotFound",
        ec2.accept_vpc_peering_connection,
        VpcPeeringConnectionId=f"pcx-{MISSING}",
    )
    refused("InvalidServiceName", ec2.create_vpc_endpoint, VpcId=net.vpc, ServiceName="com.amazonaws.nowhere.nothing")
    refused(
        "RouteAlreadyExists",
        ec2.create_vpc_endpoint,
        VpcId=net.vpc,
        ServiceName=f"com.amazonaws.{ec2.meta.region_name}.s3",
        RouteTableIds=[net.tables["isolated"]],
    )
    refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[f"vpc-{MISSING}"])
    refused("InvalidSubnetID.NotFound", far.describe_subnets, SubnetIds=[isolated])
    refused("InvalidParameterValue", ec2.describe_subnets, Filters=[{"Name": "colour", "Values": ["red"]}])
    refused(
        "AuthFailure", client(aws_access_key_id="AKIDNOBODY0000000000", aws_secret_access_key="wrong").describe_vpcs
    )
    ec2.modify_instance_attribute(InstanceId=net.web_instance, DisableApiTermination={"Value": True})
    refused("OperationNotPermitted", ec2.terminate_instances, InstanceIds=[net.web_instance])
    ec2.modify_instance_attribute(InstanceId=net.web_instance, DisableApiTermination={"Value": False})
    same("what the account holds after refused calls", picture(ec2), before)

    # Broken for a moment: without its NAT gateway a route leads nowhere, and a peering with the same addresses fails.
    replay = ec2.create_nat_gateway(
        SubnetId=net.subnets["public"][0],
        AllocationId=net.nat_addresses[0],
        ClientToken="scenario-nat-0",
        TagSpecifications=tagged("natgateway", "nat-0"),
    )["NatGateway"]
    same("the NAT gateway that a repeated token gives", replay["NatGatewayId"], net.nats[0])
    overlapping = ec2.create_vpc(CidrBlock="10.20.0.0/20")["Vpc"]["VpcId"]
    clash = ec2.create_vpc_peering_connection(VpcId=net.vpc, PeerVpcId=overlapping)["VpcPeeringConnection"]
    failed = [{"Name": "status-code", "Values": ["failed"]}]
    wait_for(
        "the peering of the same addresses fails",
        lambda: (
            clash["VpcPeeringConnectionId"]
            in [
                p["VpcPeeringConnectionId"]
                for p in ec2.describe_vpc_peering_connections(Filters=failed)["VpcPeeringConnections"]
            ]
        ),
    )
    ec2.delete_vpc(VpcId=overlapping)
    step("forty calls were refused as EC2 refuses them, and nothing changed")


def change_it():
    """Stopping and starting, and what loses its target."""
    ec2.stop_instances(InstanceIds=net.app_instances)
    wait("instance_stopped", InstanceIds=net.app_instances)
    ec2.modify_instance_attribute(InstanceId=net.app_instances[0], InstanceType={"Value": "t3.small"})
    ec2.start_instances(InstanceIds=net.app_instances)
    wait("instance_running", InstanceIds=net.app_instances)
    found = ec2.describe_instance_attribute(InstanceId=net.app_instances[0], Attribute="instanceType")
    same("the instance's type", found["InstanceType"], {"Value": "t3.small"})
    ec2.create_tags(Resources=[net.vpc, *net.app_instances], Tags=[{"Key": "owner", "Value": "tests"}])
    tags = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["owner"]}])["Tags"]
    same("resources with an owner", len(tags), 4)
    ec2.delete_tags(Resources=[net.vpc, *net.app_instances], Tags=[{"Key": "owner"}])
    step("instances stopped, changed and started; tags came and went")


def tear_down():
    ec2.disassociate_address(AssociationId=net.address_association)
    ec2.detach_network_interface(AttachmentId=net.attachment)
    wait("network_interface_available", NetworkInterfaceIds=[net.interface])
    everyone = [net.web_instance, *net.app_instances]
    ec2.terminate_instances(InstanceIds=everyone)
    wait("instance_terminated", InstanceIds=everyone)
    wait("volume_deleted", VolumeIds=net.volumes)
    same("endpoints that stay", ec2.delete_vpc_endpoints(VpcEndpointIds=net.endpoints)["Unsuccessful"], [])
    mine = [{"Name": "vpc-id", "Values": [net.vpc]}]
    wait_for(
        "the endpoints go",
        lambda: not [e for e in ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"] if e["State"] != "deleted"],
    )
    for nat in net.nats:
        same("the deleted NAT gateway", ec2.delete_nat_gateway(NatGatewayId=nat)["NatGatewayId"], nat)
    wait("nat_gateway_deleted", NatGatewayIds=net.nats)
    [table] = ec2.describe_route_tables(RouteTableIds=[net.tables["private-0"]])["RouteTables"]
    [lost] = [r for r in table["Routes"] if r.get("NatGatewayId")]
    same("the route to the deleted NAT gateway", lost["State"], "blackhole")
    for address in net.nat_addresses:
        ec2.release_address(AllocationId=address)
    for peering in net.peerings:
        ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
        wait("vpc_peering_connection_deleted", VpcPeeringConnectionIds=[peering])
    ec2.disassociate_vpc_cidr_block(AssociationId=net.second_block)
    step("instances, endpoints, NAT gateways and peerings are gone")
    for call, arguments in undo:
        call(**arguments)
    step(f"{len(undo)} more calls undid the rest")


def main():
    before, before_far = picture(ec2), picture(far)
    step(f"the account holds {sum(map(len, before.values()))} resources in {ec2.meta.region_name}")
    build_vpc()
    build_gateways()
    build_subnets()
    build_nat_gateways()
    build_routes()
    build_acls()
    build_groups()
    build_instances()
    build_addresses()
    build_endpoints()
    build_peering()
    build_gateways_of_vpns()
    share_group()
    copy_image()
    check_paginators()
    break_it()
    change_it()
    tear_down()
    check_waiters()
    compare_pictures(before, picture(ec2))
    compare_pictures(before_far, picture(far))
    step("the account is as it was")


main()
