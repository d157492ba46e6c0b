"""aws_vpc, aws_subnet, aws_internet_gateway, aws_network_acl (vpc_.go, vpc_subnet.go, vpc_internet_gateway.go,
vpc_network_acl.go).
"""

import uuid

from steps import same
from terraform.provider import (
    Resource,
    arn,
    delete,
    ec2,
    filters,
    gone,
    lingering_interfaces,
    one,
    specifications,
    tags_of,
    until,
)


class Vpc(Resource):
    def create(self):
        made = ec2.create_vpc(
            CidrBlock=self["cidr_block"],
            AmazonProvidedIpv6CidrBlock=self["assign_generated_ipv6_cidr_block"],
            InstanceTenancy=self["instance_tenancy"],
            **specifications("vpc", self["tags"]),
        )["Vpc"]
        self.id = made["VpcId"]
        until("the VPC", lambda: self.find()["State"] == "available")
        for association in made.get("Ipv6CidrBlockAssociationSet", []):
            name = "ipv6-cidr-block-association.association-id"
            by_association = [{"Name": name, "Values": [association["AssociationId"]]}]
            until(
                "the IPv6 block",
                lambda: (
                    {
                        a["Ipv6CidrBlockState"]["State"]
                        for a in one(ec2.describe_vpcs(Filters=by_association)["Vpcs"])["Ipv6CidrBlockAssociationSet"]
                    }
                    == {"associated"}
                ),
            )
        # modifyVPCAttributesOnCreate: only what differs from a new VPC.
        for name, member, new in (
            ("enable_dns_hostnames", "EnableDnsHostnames", False),
            ("enable_dns_support", "EnableDnsSupport", True),
            ("enable_network_address_usage_metrics", "EnableNetworkAddressUsageMetrics", False),
        ):
            if self[name] != new:
                ec2.modify_vpc_attribute(VpcId=self.id, **{member: {"Value": self[name]}})
                until(name, lambda: self.attribute(member) == self[name])

    def find(self):
        return one(ec2.describe_vpcs(VpcIds=[self.id])["Vpcs"])

    def attribute(self, member):
        answer = ec2.describe_vpc_attribute(VpcId=self.id, Attribute=member[0].lower() + member[1:])
        same("the attribute's VPC", answer["VpcId"], self.id)
        return answer[member]["Value"]

    def read(self):
        vpc = self.find()
        acl = one(ec2.describe_network_acls(Filters=filters(default="true", vpc_id=self.id))["NetworkAcls"])
        main = [{"Name": "association.main", "Values": ["true"]}, {"Name": "vpc-id", "Values": [self.id]}]
        table = one(ec2.describe_route_tables(Filters=main)["RouteTables"])
        group = one(
            ec2.describe_security_groups(Filters=filters(group_name="default", vpc_id=self.id))["SecurityGroups"]
        )
        read = {
            "arn": arn("vpc", vpc["OwnerId"], self.id),
            "cidr_block": vpc["CidrBlock"],
            "dhcp_options_id": vpc["DhcpOptionsId"],
            "instance_tenancy": vpc["InstanceTenancy"],
            "owner_id": vpc["OwnerId"],
            "enable_dns_hostnames": self.attribute("EnableDnsHostnames"),
            "enable_dns_support": self.attribute("EnableDnsSupport"),
            "enable_network_address_usage_metrics": self.attribute("EnableNetworkAddressUsageMetrics"),
            "default_network_acl_id": acl["NetworkAclId"],
            "default_route_table_id": table["RouteTableId"],
            "main_route_table_id": table["RouteTableId"],
            "default_security_group_id": group["GroupId"],
            "assign_generated_ipv6_cidr_block": False,
            "tags": tags_of(vpc),
        }
        # defaultIPv6CIDRBlockAssociation: the first that is associated.
        for association in vpc.get("Ipv6CidrBlockAssociationSet", []):
            if association["Ipv6CidrBlockState"]["State"] == "associated":
                read["assign_generated_ipv6_cidr_block"] = association["Ipv6Pool"] == "Amazon"
                read["ipv6_association_id"] = association["AssociationId"]
                read["ipv6_cidr_block"] = association["Ipv6CidrBlock"]
                read["ipv6_cidr_block_network_border_group"] = association["NetworkBorderGroup"]
                break
        return read

    def delete(self):
        delete({"DependencyViolation"}, ec2.delete_vpc, VpcId=self.id)
        gone("InvalidVpcID.NotFound", call=ec2.describe_vpcs, member="Vpcs", VpcIds=[self.id])


class Subnet(Resource):
    def create(self):
        arguments = {
            "AvailabilityZone": self["availability_zone"],
            "CidrBlock": self["cidr_block"],
            "VpcId": self["vpc_id"],
        }
        if self.get("ipv6_cidr_block"):
            arguments["Ipv6CidrBlock"] = self["ipv6_cidr_block"]
        self.id = ec2.create_subnet(**arguments, **specifications("subnet", self["tags"]))["Subnet"]["SubnetId"]
        until("the subnet", lambda: self.find()["State"] == "available")
        until(
            "its IPv6 block",
            lambda: all(
                a["Ipv6CidrBlockState"]["State"] == "associated"
                for a in self.find().get("Ipv6CidrBlockAssociationSet", [])
            ),
        )
        # modifySubnetAttributesOnCreate, one attribute a call.
        subnet = self.find()
        options = subnet["PrivateDnsNameOptionsOnLaunch"]
        self.modify(
            "assign_ipv6_address_on_creation", "AssignIpv6AddressOnCreation", subnet["AssignIpv6AddressOnCreation"]
        )
        self.modify("enable_dns64", "EnableDns64", subnet["EnableDns64"])
        self.modify(
            "enable_resource_name_dns_aaaa_record_on_launch",
            "EnableResourceNameDnsAAAARecordOnLaunch",
            options["EnableResourceNameDnsAAAARecord"],
        )
        self.modify(
            "enable_resource_name_dns_a_record_on_launch",
            "EnableResourceNameDnsARecordOnLaunch",
            options["EnableResourceNameDnsARecord"],
        )
        if self["private_dns_hostname_type_on_launch"] != options["HostnameType"]:
            kind = self["private_dns_hostname_type_on_launch"]
            ec2.modify_subnet_attribute(SubnetId=self.id, PrivateDnsHostnameTypeOnLaunch=kind)
        self.modify("map_public_ip_on_launch", "MapPublicIpOnLaunch", subnet["MapPublicIpOnLaunch"])

    def modify(self, name, member, old):
        if self[name] != old:
            ec2.modify_subnet_attribute(SubnetId=self.id, **{member: {"Value": self[name]}})
            until(name, lambda: self.read()[name] == self[name])

    def find(self):
        return one(ec2.describe_subnets(SubnetIds=[self.id])["Subnets"])

    def read(self):
        subnet = self.find()
        associated = [
            a for a in subnet.get("Ipv6CidrBlockAssociationSet", []) if a["Ipv6CidrBlockState"]["State"] == "associated"
        ]
        options = subnet["PrivateDnsNameOptionsOnLaunch"]
        return {
            "arn": subnet["SubnetArn"],
            "assign_ipv6_address_on_creation": subnet["AssignIpv6AddressOnCreation"],
            "availability_zone": subnet["AvailabilityZone"],
            "availability_zone_id": subnet["AvailabilityZoneId"],
            "cidr_block": subnet["CidrBlock"],
            "enable_dns64": subnet["EnableDns64"],
            "enable_lni_at_device_index": subnet.get("EnableLniAtDeviceIndex"),
            "ipv6_native": subnet["Ipv6Native"],
            "map_customer_owned_ip_on_launch": subnet["MapCustomerOwnedIpOnLaunch"],
            "map_public_ip_on_launch": subnet["MapPublicIpOnLaunch"],
            "outpost_arn": subnet.get("OutpostArn"),
            "owner_id": subnet["OwnerId"],
            "vpc_id": subnet["VpcId"],
            "ipv6_cidr_block": associated[0]["Ipv6CidrBlock"] if associated else None,
            "ipv6_cidr_block_association_id": associated[0]["AssociationId"] if associated else None,
            "enable_resource_name_dns_aaaa_record_on_launch": options["EnableResourceNameDnsAAAARecord"],
            "enable_resource_name_dns_a_record_on_launch": options["EnableResourceNameDnsARecord"],
            "private_dns_hostname_type_on_launch": options["HostnameType"],
            "tags": tags_of(subnet),
        }

    def delete(self):
        lingering_interfaces("subnet-id", self.id)
        delete({"DependencyViolation"}, ec2.delete_subnet, SubnetId=self.id)
        gone("InvalidSubnetID.NotFound", call=ec2.describe_subnets, member="Subnets", SubnetIds=[self.id])


class InternetGateway(Resource):
    def create(self):
        made = ec2.create_internet_gateway(**specifications("internet-gateway", self["tags"]))["InternetGateway"]
        self.id = made["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.id, VpcId=self["vpc_id"])
        until("the attachment", lambda: one(self.find()["Attachments"])["State"] == "available")

    def find(self):
        return one(ec2.describe_internet_gateways(InternetGatewayIds=[self.id])["InternetGateways"])

    def read(self):
        gateway = self.find()
        attachments = gateway["Attachments"]
        return {
            "arn": arn("internet-gateway", gateway["OwnerId"], self.id),
            "owner_id": gateway["OwnerId"],
            "vpc_id": attachments[0]["VpcId"] if attachments else "",
            "tags": tags_of(gateway),
        }

    def delete(self):
        delete({"DependencyViolation"}, ec2.detach_internet_gateway, InternetGatewayId=self.id, VpcId=self["vpc_id"])
        until("the detachment", lambda: self.find()["Attachments"] == [])
        delete({"DependencyViolation"}, ec2.delete_internet_gateway, InternetGatewayId=self.id)
        gone(
            "InvalidInternetGatewayID.NotFound",
            call=ec2.describe_internet_gateways,
            member="InternetGateways",
            InternetGatewayIds=[self.id],
        )


class NetworkAcl(Resource):
    def create(self):
        made = ec2.create_network_acl(
            VpcId=self["vpc_id"], ClientToken=uuid.uuid4().hex, **specifications("network-acl", self["tags"])
        )["NetworkAcl"]
        self.id = made["NetworkAclId"]
        for egress, rules in ((True, self["egress"]), (False, self["ingress"])):
            for rule in rules:
                number = {"tcp": "6", "udp": "17", "icmp": "1"}.get(rule["protocol"], rule["protocol"])
                ec2.create_network_acl_entry(
                    NetworkAclId=self.id,
                    Egress=egress,
                    RuleNumber=rule["rule_no"],
                    Protocol=number,
                    CidrBlock=rule["cidr_block"],
                    RuleAction=rule["action"],
                    PortRange={"From": rule["from_port"], "To": rule["to_port"]},
                )
        for subnet in self["subnet_ids"]:
            self.associate(subnet, self.id)

    def associate(self, subnet, acl):
        """networkACLAssociationCreate: there is always one, so it is replaced."""
        asked = [{"Name": "association.subnet-id", "Values": [subnet]}]
        found = one(ec2.describe_network_acls(Filters=asked)["NetworkAcls"])
        [old] = [a["NetworkAclAssociationId"] for a in found["Associations"] if a["SubnetId"] == subnet]
        ec2.replace_network_acl_association(AssociationId=old, NetworkAclId=acl)

    def find(self):
        return one(ec2.describe_network_acls(NetworkAclIds=[self.id])["NetworkAcls"])

    def read(self):
        acl = self.find()
        flat = {True: [], False: []}
        for entry in acl["Entries"]:
            if entry["RuleNumber"] in (32767, 32768):
                continue
            ports = entry.get("PortRange", {})
            name = {"6": "tcp", "17": "udp", "1": "icmp"}.get(entry["Protocol"], entry["Protocol"])
            flat[entry["Egress"]].append(
                {
                    "rule_no": entry["RuleNumber"],
                    "protocol": name,
                    "action": entry["RuleAction"],
                    "cidr_block": entry.get("CidrBlock"),
                    "from_port": ports.get("From", 0),
                    "to_port": ports.get("To", 0),
                }
            )
        return {
            "arn": arn("network-acl", acl["OwnerId"], self.id),
            "owner_id": acl["OwnerId"],
            "vpc_id": acl["VpcId"],
            "subnet_ids": sorted(a["SubnetId"] for a in acl["Associations"]),
            "egress": flat[True],
            "ingress": flat[False],
            "tags": tags_of(acl),
        }

    def delete(self):
        default = one(ec2.describe_network_acls(Filters=filters(default="true", vpc_id=self["vpc_id"]))["NetworkAcls"])
        for association in self.find()["Associations"]:
            self.associate(association["SubnetId"], default["NetworkAclId"])
        delete({"DependencyViolation"}, ec2.delete_network_acl, NetworkAclId=self.id)
        gone(
            "InvalidNetworkAclID.NotFound",
            call=ec2.describe_network_acls,
            member="NetworkAcls",
            NetworkAclIds=[self.id],
        )
