"""Instances and what they use: aws_security_group, aws_vpc_security_group_ingress_rule and _egress_rule, aws_key_pair,
aws_instance, aws_eip (vpc_security_group.go, vpc_security_group_ingress_rule.go, vpc_security_group_egress_rule.go,
ec2_key_pair.go, ec2_instance.go, ec2_eip.go).
"""

import base64
import hashlib
import uuid

from steps import check, same
from terraform.provider import (
    Resource,
    arn,
    code_of,
    delete,
    ec2,
    gone,
    lingering_interfaces,
    one,
    specifications,
    tags_of,
    until,
)


class SecurityGroup(Resource):
    def create(self):
        self.id = ec2.create_security_group(
            GroupName=self["name"],
            Description=self["description"],
            VpcId=self["vpc_id"],
            **specifications("security-group", self["tags"]),
        )["GroupId"]
        until("the group", lambda: self.find()["GroupId"] == self.id)
        # Terraform takes the rules away that AWS gives a new group: port 0 to 0 with all protocols, as it writes them.
        everywhere = {"FromPort": 0, "ToPort": 0, "IpProtocol": "-1"}
        ec2.revoke_security_group_egress(
            GroupId=self.id, IpPermissions=[{**everywhere, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
        found = code_of(
            ec2.revoke_security_group_egress,
            GroupId=self.id,
            IpPermissions=[{**everywhere, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}],
        )
        check(found in (None, "InvalidPermission.NotFound"), f"revoking ::/0 of a new group: {found}")

    def find(self):
        return one(ec2.describe_security_groups(GroupIds=[self.id])["SecurityGroups"])

    def read(self):
        group = self.find()
        return {
            "arn": arn("security-group", group["OwnerId"], self.id),
            "description": group["Description"],
            "name": group["GroupName"],
            "owner_id": group["OwnerId"],
            "vpc_id": group["VpcId"],
            "tags": tags_of(group),
        }

    def delete(self):
        lingering_interfaces("group-id", self.id)
        delete({"DependencyViolation", "InvalidGroup.InUse"}, ec2.delete_security_group, GroupId=self.id)
        gone("InvalidGroup.NotFound", call=ec2.describe_security_groups, member="SecurityGroups", GroupIds=[self.id])


class SecurityGroupRule(Resource):
    """aws_vpc_security_group_ingress_rule and _egress_rule."""

    egress = False

    def create(self):
        permission = {"IpProtocol": self["ip_protocol"]}
        if self.get("from_port") is not None:
            permission |= {"FromPort": self["from_port"], "ToPort": self["to_port"]}
        described = {"Description": self["description"]} if self.get("description") else {}
        if self.get("cidr_ipv4"):
            permission["IpRanges"] = [{"CidrIp": self["cidr_ipv4"], **described}]
        if self.get("cidr_ipv6"):
            permission["Ipv6Ranges"] = [{"CidrIpv6": self["cidr_ipv6"], **described}]
        if self.get("referenced_security_group_id"):
            permission["UserIdGroupPairs"] = [{"GroupId": self["referenced_security_group_id"], **described}]
        authorize = ec2.authorize_security_group_egress if self.egress else ec2.authorize_security_group_ingress
        made = authorize(
            GroupId=self["security_group_id"],
            IpPermissions=[permission],
            **specifications("security-group-rule", self["tags"]),
        )
        self.id = one(made["SecurityGroupRules"])["SecurityGroupRuleId"]

    def read(self):
        rule = one(ec2.describe_security_group_rules(SecurityGroupRuleIds=[self.id])["SecurityGroupRules"])
        same("the rule's direction", rule["IsEgress"], self.egress)
        # Ports of -1 that were not configured are none.
        ports = {
            name: None if rule.get(member, -1) == -1 and self.get(name) is None else rule[member]
            for name, member in (("from_port", "FromPort"), ("to_port", "ToPort"))
        }
        # A group of another account is read as account/group.
        other = rule.get("ReferencedGroupInfo", {})
        mine = other.get("UserId") in (None, rule["GroupOwnerId"])
        return {
            "cidr_ipv4": rule.get("CidrIpv4"),
            "cidr_ipv6": rule.get("CidrIpv6"),
            "description": rule.get("Description"),
            "ip_protocol": rule["IpProtocol"],
            "prefix_list_id": rule.get("PrefixListId"),
            "referenced_security_group_id": other.get("GroupId") if mine else f"{other['UserId']}/{other['GroupId']}",
            "security_group_id": rule["GroupId"],
            "tags": tags_of(rule),
            **ports,
        }

    def delete(self):
        revoke = ec2.revoke_security_group_egress if self.egress else ec2.revoke_security_group_ingress
        revoke(GroupId=self["security_group_id"], SecurityGroupRuleIds=[self.id])
        same(
            "the code of a rule that is gone",
            code_of(ec2.describe_security_group_rules, SecurityGroupRuleIds=[self.id]),
            "InvalidSecurityGroupRuleId.NotFound",
        )


class SecurityGroupEgressRule(SecurityGroupRule):
    egress = True


class KeyPair(Resource):
    def create(self):
        made = ec2.import_key_pair(
            KeyName=self["key_name"],
            PublicKeyMaterial=self["public_key"].encode(),
            **specifications("key-pair", self["tags"]),
        )
        self.id = made["KeyName"]

    def read(self):
        pair = one(ec2.describe_key_pairs(KeyNames=[self.id], IncludePublicKey=True)["KeyPairs"])
        material = pair["PublicKey"].split()
        return {
            "key_name": pair["KeyName"],
            "key_pair_id": pair["KeyPairId"],
            "key_type": pair["KeyType"],
            "fingerprint": pair["KeyFingerprint"],
            "tags": tags_of(pair),
            # The provider suppresses a difference in the comment.
            "public_key": self["public_key"] if material[:2] == self["public_key"].split()[:2] else pair["PublicKey"],
        }

    def delete(self):
        ec2.delete_key_pair(KeyName=self.id)
        gone("InvalidKeyPair.NotFound", call=ec2.describe_key_pairs, member="KeyPairs", KeyNames=[self.id])


class Instance(Resource):
    def create(self):
        made = ec2.run_instances(
            ImageId=self["ami"],
            InstanceType=self["instance_type"],
            KeyName=self["key_name"],
            MinCount=1,
            MaxCount=1,
            ClientToken=uuid.uuid4().hex,
            DisableApiTermination=self["disable_api_termination"],
            EbsOptimized=self["ebs_optimized"],
            Monitoring={"Enabled": self["monitoring"]},
            InstanceInitiatedShutdownBehavior=self["instance_initiated_shutdown_behavior"],
            UserData=self["user_data"],
            SubnetId=self["subnet_id"],
            SecurityGroupIds=self["vpc_security_group_ids"],
            PrivateIpAddress=self["private_ip"],
            CreditSpecification={"CpuCredits": self["credit_specification"]},
            MetadataOptions={"HttpEndpoint": "enabled", **self["metadata_options"]},
            Placement={"Tenancy": "default"},
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": self["root_block_device"]}],
            **specifications("instance", self["tags"]),
        )["Instances"]
        self.id = one(made)["InstanceId"]
        until("the instance", lambda: self.find()["State"]["Name"] == "running")
        if not self["source_dest_check"]:
            ec2.modify_instance_attribute(InstanceId=self.id, SourceDestCheck={"Value": False})

    def find(self):
        return one(one(ec2.describe_instances(InstanceIds=[self.id])["Reservations"])["Instances"])

    def attribute(self, name, member):
        answer = ec2.describe_instance_attribute(InstanceId=self.id, Attribute=name)
        return answer.get(member, {}).get("Value")

    def read(self):
        instance = self.find()
        kind = one(ec2.describe_instance_types(InstanceTypes=[instance["InstanceType"]])["InstanceTypes"])
        check(kind["BurstablePerformanceSupported"], "t3 is burstable")
        credit = one(ec2.describe_instance_credit_specifications(InstanceIds=[self.id])["InstanceCreditSpecifications"])
        [primary] = [i for i in instance["NetworkInterfaces"] if i["Attachment"]["DeviceIndex"] == 0]
        # readBlockDevices: the root device's volume, and whether it goes with the instance.
        [mapping] = instance["BlockDeviceMappings"]
        same("the root device", mapping["DeviceName"], instance["RootDeviceName"])
        volume = one(ec2.describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"])
        # fetchRootDeviceName
        image = one(ec2.describe_images(ImageIds=[instance["ImageId"]])["Images"])
        same("the image's root device", image["RootDeviceName"], instance["RootDeviceName"])
        metadata = instance["MetadataOptions"]
        user_data = self.attribute("userData", "UserData")
        return {
            "ami": instance["ImageId"],
            "availability_zone": instance["Placement"]["AvailabilityZone"],
            "tenancy": instance["Placement"]["Tenancy"],
            "instance_state": instance["State"]["Name"],
            "instance_type": instance["InstanceType"],
            "key_name": instance["KeyName"],
            "private_ip": instance["PrivateIpAddress"],
            "private_dns": instance["PrivateDnsName"],
            "public_dns": instance["PublicDnsName"],
            "public_ip": instance.get("PublicIpAddress"),
            "cpu_core_count": instance["CpuOptions"]["CoreCount"],
            "hibernation": instance["HibernationOptions"]["Configured"],
            "enclave_options": instance["EnclaveOptions"]["Enabled"],
            "maintenance_options": instance["MaintenanceOptions"]["AutoRecovery"],
            "private_dns_name_options": instance["PrivateDnsNameOptions"]["HostnameType"],
            "capacity_reservation_specification": instance["CapacityReservationSpecification"][
                "CapacityReservationPreference"
            ],
            "metadata_options": {key: metadata[key] for key in self["metadata_options"]},
            "ebs_optimized": instance["EbsOptimized"],
            "monitoring": instance["Monitoring"]["State"] in ("enabled", "pending"),
            "subnet_id": primary["SubnetId"],
            "primary_network_interface_id": primary["NetworkInterfaceId"],
            "associate_public_ip_address": "Association" in primary,
            "source_dest_check": instance["SourceDestCheck"],
            "ipv6_address_count": len(primary["Ipv6Addresses"]),
            "secondary_private_ips": [a["PrivateIpAddress"] for a in primary["PrivateIpAddresses"] if not a["Primary"]],
            "vpc_security_group_ids": sorted(group["GroupId"] for group in instance["SecurityGroups"]),
            "instance_initiated_shutdown_behavior": self.attribute(
                "instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"
            ),
            "disable_api_stop": self.attribute("disableApiStop", "DisableApiStop"),
            "disable_api_termination": self.attribute("disableApiTermination", "DisableApiTermination"),
            # State keeps the hash of the decoded text.
            "user_data": self["user_data"]
            if digest(base64.b64decode(user_data)) == digest(self["user_data"].encode())
            else user_data,
            "credit_specification": credit["CpuCredits"],
            "root_block_device": {
                "DeleteOnTermination": mapping["Ebs"]["DeleteOnTermination"],
                "VolumeSize": volume["Size"],
                "VolumeType": volume["VolumeType"],
                "Encrypted": volume["Encrypted"],
            },
            "tags": tags_of(instance),
        }

    def delete(self):
        # disableInstanceAPITermination comes first, whatever was configured.
        ec2.modify_instance_attribute(InstanceId=self.id, DisableApiTermination={"Value": False})
        ec2.modify_instance_attribute(InstanceId=self.id, DisableApiStop={"Value": False})
        ec2.terminate_instances(InstanceIds=[self.id])
        until("the instance's end", lambda: self.find()["State"]["Name"] == "terminated")


def digest(data):
    return hashlib.sha1(data).hexdigest()


class Eip(Resource):
    def create(self):
        self.id = ec2.allocate_address(Domain="vpc", **specifications("elastic-ip", self["tags"]))["AllocationId"]
        until("the address", lambda: self.find()["AllocationId"] == self.id)
        if self.get("instance"):
            until(
                "the instance",
                lambda: (
                    code_of(
                        ec2.associate_address,
                        AllocationId=self.id,
                        InstanceId=self["instance"],
                        AllowReassociation=True,
                    )
                    is None
                ),
            )
            until("the association", lambda: self.find().get("AssociationId"))

    def find(self):
        return one(ec2.describe_addresses(AllocationIds=[self.id])["Addresses"])

    def read(self):
        address = self.find()
        # findEIPDomainNameAttributeByAllocationID
        names = ec2.describe_addresses_attribute(AllocationIds=[self.id], Attribute="domain-name")["Addresses"]
        return {
            "allocation_id": address["AllocationId"],
            "association_id": address.get("AssociationId"),
            "domain": address["Domain"],
            "instance": address.get("InstanceId", ""),
            "network_border_group": address["NetworkBorderGroup"],
            "network_interface": address.get("NetworkInterfaceId"),
            "private_ip": address.get("PrivateIpAddress"),
            "public_ip": address["PublicIp"],
            "public_ipv4_pool": address["PublicIpv4Pool"],
            "ptr_record": names[0].get("PtrRecord") if names else None,
            "tags": tags_of(address),
        }

    def delete(self):
        association = self.find().get("AssociationId")
        if association:
            found = code_of(ec2.disassociate_address, AssociationId=association)
            check(found in (None, "InvalidAssociationID.NotFound"), f"disassociating an address: {found}")
        delete(
            {"InvalidIPAddress.InUse"},
            ec2.release_address,
            AllocationId=self.id,
            NetworkBorderGroup=self.find()["NetworkBorderGroup"],
        )
        gone(
            "InvalidAllocationID.NotFound",
            "InvalidAddress.NotFound",
            call=ec2.describe_addresses,
            member="Addresses",
            AllocationIds=[self.id],
        )
