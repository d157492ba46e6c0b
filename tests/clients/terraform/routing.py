"""Route tables and what they lead to: aws_route_table, aws_route_table_association, aws_route, aws_nat_gateway,
aws_vpc_peering_connection, aws_vpc_endpoint (vpc_route_table.go, vpc_route_table_association.go, vpc_route.go,
vpc_nat_gateway.go, vpc_peering_connection.go, vpc_endpoint.go).
"""

import uuid

from steps import check, same
from terraform.provider import Resource, arn, ec2, filters, gone, one, specifications, tags_of, until

# Attributes of a route in Terraform, and its members in CreateRoute and DescribeRouteTables.
TARGETS = {
    "carrier_gateway_id": "CarrierGatewayId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}
DESTINATIONS = {
    "cidr_block": "DestinationCidrBlock",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
}


def find_table(id):
    return one(ec2.describe_route_tables(RouteTableIds=[id])["RouteTables"])


def flatten_routes(routes):
    """flattenRoutes: not the local routes, not those that were propagated, not those of gateway endpoints."""
    flat = []
    for route in routes:
        if route.get("GatewayId") == "local" or route["Origin"] == "EnableVgwRoutePropagation":
            continue
        if "DestinationPrefixListId" in route and route.get("GatewayId", "").startswith("vpce-"):
            continue
        members = {**DESTINATIONS, **TARGETS}
        flat.append({name: route[member] for name, member in members.items() if member in route})
    return sorted(flat, key=repr)


class RouteTable(Resource):
    def create(self):
        made = ec2.create_route_table(VpcId=self["vpc_id"], **specifications("route-table", self["tags"]))["RouteTable"]
        self.id = made["RouteTableId"]
        until("the route table", lambda: find_table(self.id)["RouteTableId"] == self.id)
        for route in self.get("route", []):
            members = {**DESTINATIONS, **TARGETS}
            ec2.create_route(RouteTableId=self.id, **{members[name]: value for name, value in route.items()})
            until("the route", lambda: any(route_is(r, route) for r in find_table(self.id)["Routes"]))

    def read(self):
        table = find_table(self.id)
        return {
            "arn": arn("route-table", table["OwnerId"], self.id),
            "owner_id": table["OwnerId"],
            "propagating_vgws": [v["GatewayId"] for v in table["PropagatingVgws"]],
            "route": flatten_routes(table["Routes"]),
            "vpc_id": table["VpcId"],
            "tags": tags_of(table),
        }

    def delete(self):
        for association in find_table(self.id)["Associations"]:
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
        ec2.delete_route_table(RouteTableId=self.id)
        gone(
            "InvalidRouteTableID.NotFound",
            call=ec2.describe_route_tables,
            member="RouteTables",
            RouteTableIds=[self.id],
        )


def route_is(route, wanted):
    return (
        all(route.get(member) == wanted[name] for name, member in DESTINATIONS.items() if name in wanted)
        and route["State"] == "active"
    )


class RouteTableAssociation(Resource):
    def create(self):
        made = ec2.associate_route_table(RouteTableId=self["route_table_id"], SubnetId=self["subnet_id"])
        self.id = made["AssociationId"]
        until("the association", lambda: self.find()["AssociationState"]["State"] == "associated")

    def find(self):
        asked = [{"Name": "association.route-table-association-id", "Values": [self.id]}]
        table = one(ec2.describe_route_tables(Filters=asked)["RouteTables"])
        return next(a for a in table["Associations"] if a["RouteTableAssociationId"] == self.id)

    def read(self):
        association = self.find()
        return {
            "gateway_id": association.get("GatewayId"),
            "route_table_id": association["RouteTableId"],
            "subnet_id": association["SubnetId"],
        }

    def delete(self):
        ec2.disassociate_route_table(AssociationId=self.id)
        asked = [{"Name": "association.route-table-association-id", "Values": [self.id]}]
        gone(call=ec2.describe_route_tables, member="RouteTables", Filters=asked)


class Route(Resource):
    def create(self):
        target = next(name for name in TARGETS if self.get(name))
        ec2.create_route(
            RouteTableId=self["route_table_id"],
            DestinationCidrBlock=self["destination_cidr_block"],
            **{TARGETS[target]: self[target]},
        )
        self.id = f"r-{self['route_table_id']}"
        until("the route", lambda: self.find()["State"] == "active")

    def find(self):
        routes = find_table(self["route_table_id"])["Routes"]
        return next(r for r in routes if r.get("DestinationCidrBlock") == self["destination_cidr_block"])

    def read(self):
        route = self.find()
        read = {
            "destination_cidr_block": route["DestinationCidrBlock"],
            "origin": route["Origin"],
            "state": route["State"],
            "route_table_id": self["route_table_id"],
            "instance_id": route.get("InstanceId"),
        }
        return {**read, **{name: route.get(member) for name, member in TARGETS.items()}}

    def delete(self):
        ec2.delete_route(RouteTableId=self["route_table_id"], DestinationCidrBlock=self["destination_cidr_block"])
        until(
            "the route's end",
            lambda: all(
                r.get("DestinationCidrBlock") != self["destination_cidr_block"]
                for r in find_table(self["route_table_id"])["Routes"]
            ),
        )


class NatGateway(Resource):
    def create(self):
        made = ec2.create_nat_gateway(
            AllocationId=self["allocation_id"],
            SubnetId=self["subnet_id"],
            ConnectivityType=self["connectivity_type"],
            ClientToken=uuid.uuid4().hex,
            **specifications("natgateway", self["tags"]),
        )["NatGateway"]
        self.id = made["NatGatewayId"]
        until("the NAT gateway", lambda: self.find()["State"] == "available")

    def find(self):
        return one(ec2.describe_nat_gateways(NatGatewayIds=[self.id])["NatGateways"])

    def read(self):
        nat = self.find()
        [primary] = [a for a in nat["NatGatewayAddresses"] if a.get("IsPrimary")]
        return {
            "allocation_id": primary["AllocationId"],
            "association_id": primary["AssociationId"],
            "connectivity_type": nat["ConnectivityType"],
            "network_interface_id": primary["NetworkInterfaceId"],
            "private_ip": primary["PrivateIp"],
            "public_ip": primary["PublicIp"],
            "subnet_id": nat["SubnetId"],
            "tags": tags_of(nat),
        }

    def delete(self):
        ec2.delete_nat_gateway(NatGatewayId=self.id)
        until("the NAT gateway's end", lambda: self.find()["State"] == "deleted")


class VpcPeeringConnection(Resource):
    def create(self):
        made = ec2.create_vpc_peering_connection(
            VpcId=self["vpc_id"],
            PeerVpcId=self["peer_vpc_id"],
            **specifications("vpc-peering-connection", self["tags"]),
        )
        self.id = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        until("the peering", lambda: self.find()["Status"]["Code"] in ("pending-acceptance", "active"))
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=self.id)  # auto_accept
        until("the peering", lambda: self.find()["Status"]["Code"] == "active")
        ec2.modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=self.id,
            RequesterPeeringConnectionOptions={
                "AllowDnsResolutionFromRemoteVpc": self["requester.allow_remote_vpc_dns_resolution"]
            },
        )

    def find(self):
        return one(ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[self.id])["VpcPeeringConnections"])

    def read(self):
        peering = self.find()
        requester, accepter = peering["RequesterVpcInfo"], peering["AccepterVpcInfo"]
        return {
            "accept_status": peering["Status"]["Code"],
            "vpc_id": requester["VpcId"],
            "peer_vpc_id": accepter["VpcId"],
            "peer_owner_id": accepter["OwnerId"],
            "peer_region": accepter["Region"],
            "requester.allow_remote_vpc_dns_resolution": requester["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"],
            "accepter.allow_remote_vpc_dns_resolution": accepter["PeeringOptions"]["AllowDnsResolutionFromRemoteVpc"],
            "tags": tags_of(peering),
        }

    def delete(self):
        ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=self.id)
        until("the peering's end", lambda: self.find()["Status"]["Code"] == "deleted")


class VpcEndpoint(Resource):
    def create(self):
        arguments = (
            {"PrivateDnsEnabled": self["private_dns_enabled"]} if self["vpc_endpoint_type"] == "Interface" else {}
        )
        for name, member in (
            ("route_table_ids", "RouteTableIds"),
            ("subnet_ids", "SubnetIds"),
            ("security_group_ids", "SecurityGroupIds"),
        ):
            if self.get(name):
                arguments[member] = self[name]
        made = ec2.create_vpc_endpoint(
            VpcId=self["vpc_id"],
            ServiceName=self["service_name"],
            VpcEndpointType=self["vpc_endpoint_type"],
            ClientToken=uuid.uuid4().hex,
            **arguments,
            **specifications("vpc-endpoint", self["tags"]),
        )["VpcEndpoint"]
        self.id = made["VpcEndpointId"]
        until("the endpoint", lambda: self.find()["State"].lower() == "available")

    def find(self):
        return one(ec2.describe_vpc_endpoints(VpcEndpointIds=[self.id])["VpcEndpoints"])

    def read(self):
        endpoint = self.find()
        read = {
            "arn": arn("vpc-endpoint", endpoint["OwnerId"], self.id),
            "vpc_id": endpoint["VpcId"],
            "service_name": endpoint["ServiceName"],
            "vpc_endpoint_type": endpoint["VpcEndpointType"],
            "private_dns_enabled": endpoint["PrivateDnsEnabled"],
            "requester_managed": endpoint["RequesterManaged"],
            "route_table_ids": sorted(endpoint["RouteTableIds"]),
            "subnet_ids": sorted(endpoint["SubnetIds"]),
            "security_group_ids": sorted(group["GroupId"] for group in endpoint["Groups"]),
            "network_interface_ids": endpoint["NetworkInterfaceIds"],
            "dns_entry": [(entry["DnsName"], entry["HostedZoneId"]) for entry in endpoint["DnsEntries"]],
            "policy": endpoint.get("PolicyDocument"),
            "tags": tags_of(endpoint),
        }
        if endpoint["VpcEndpointType"] == "Gateway":
            lists = ec2.describe_prefix_lists(Filters=filters(prefix_list_name=endpoint["ServiceName"]))["PrefixLists"]
            read["prefix_list_id"] = one(lists)["PrefixListId"]
            read["cidr_blocks"] = one(lists)["Cidrs"]
            # The provider's default policy is the one that lets everything through.
            check(read["policy"] and '"Action":"*"' in read["policy"].replace(" ", ""), f"the policy: {read['policy']}")
        return read

    def delete(self):
        answer = ec2.delete_vpc_endpoints(VpcEndpointIds=[self.id])
        same("endpoints that were not deleted", answer.get("Unsuccessful", []), [])
        gone(
            "InvalidVpcEndpointId.NotFound",
            call=ec2.describe_vpc_endpoints,
            member="VpcEndpoints",
            VpcEndpointIds=[self.id],
        )


made = []
