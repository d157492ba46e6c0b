"""The calls of Terraform's AWS provider against the embedded EC2: create, refresh, delete.

Terraform cannot be installed from PyPI or npm. So each resource below makes the calls that the provider makes for it,
in its order, and flattens what its Read function reads into Terraform's attributes. A refresh after the create has to
give what was configured, and a second one the same again: then `terraform plan` shows no change. What the provider
waits for after a delete has to come.

Source: hashicorp/terraform-provider-aws, internal/service/ec2; the modules in terraform/ name the files.

The environment says which server, credentials and region (AWS_*), and which actions the server has (VPCRUN_ACTIONS).
"""

from steps import compare_pictures, picture, same, step
from terraform.instance import Eip, Instance, KeyPair, SecurityGroup, SecurityGroupEgressRule, SecurityGroupRule
from terraform.network import InternetGateway, NetworkAcl, Subnet, Vpc
from terraform.provider import REGION, ec2, filters
from terraform.routing import NatGateway, Route, RouteTable, RouteTableAssociation, VpcEndpoint, VpcPeeringConnection

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl terraform"

made = []


def apply(kind, **configured):
    resource = kind(**configured)
    resource.create()
    read = resource.read()
    resource.check(read)
    made.append((resource, read))
    step(f"created {kind.__name__} {resource.id}")
    return resource


def configuration():
    """What a module for a VPC configures, with the provider's defaults written out."""
    zones = [
        zone["ZoneName"]
        for zone in ec2.describe_availability_zones(
            Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]
        )["AvailabilityZones"]
    ]
    tags = {"Name": "terraform", "ManagedBy": "Terraform"}
    defaults = {
        "instance_tenancy": "default",
        "enable_dns_support": True,
        "enable_network_address_usage_metrics": False,
    }
    vpc = apply(
        Vpc,
        cidr_block="10.110.0.0/16",
        assign_generated_ipv6_cidr_block=True,
        enable_dns_hostnames=True,
        tags=tags,
        **defaults,
    )
    peer = apply(
        Vpc,
        cidr_block="10.111.0.0/16",
        assign_generated_ipv6_cidr_block=False,
        enable_dns_hostnames=False,
        tags={},
        **defaults,
    )
    ipv6 = vpc.read()["ipv6_cidr_block"].removesuffix("00::/56")
    gateway = apply(InternetGateway, vpc_id=vpc.id, tags=tags)

    def subnet(index, **more):
        configured = {
            "assign_ipv6_address_on_creation": False,
            "enable_dns64": False,
            "map_public_ip_on_launch": False,
            "enable_resource_name_dns_aaaa_record_on_launch": False,
            "enable_resource_name_dns_a_record_on_launch": False,
            "private_dns_hostname_type_on_launch": "ip-name",
            "ipv6_native": False,
            "ipv6_cidr_block": None,
            **more,
        }
        return apply(
            Subnet,
            vpc_id=vpc.id,
            availability_zone=zones[index],
            cidr_block=f"10.110.{index}.0/24",
            tags=tags,
            **configured,
        )

    public = subnet(
        0, map_public_ip_on_launch=True, ipv6_cidr_block=f"{ipv6}00::/64", assign_ipv6_address_on_creation=True
    )
    private = subnet(
        1, private_dns_hostname_type_on_launch="resource-name", enable_resource_name_dns_a_record_on_launch=True
    )
    isolated = subnet(2)
    peering = apply(
        VpcPeeringConnection,
        vpc_id=vpc.id,
        peer_vpc_id=peer.id,
        tags=tags,
        **{"requester.allow_remote_vpc_dns_resolution": True},
    )
    nat_address = apply(Eip, domain="vpc", tags=tags)
    nat = apply(NatGateway, allocation_id=nat_address.id, subnet_id=public.id, connectivity_type="public", tags=tags)
    # What is on the address now is no change: these attributes are computed.
    made[:] = [(r, r.read()) if r is nat_address else (r, read) for r, read in made]
    public_table = apply(
        RouteTable,
        vpc_id=vpc.id,
        tags=tags,
        propagating_vgws=[],
        route=[
            {"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id},
            {"ipv6_cidr_block": "::/0", "gateway_id": gateway.id},
        ],
    )
    private_table = apply(RouteTable, vpc_id=vpc.id, tags=tags, propagating_vgws=[])
    apply(RouteTableAssociation, route_table_id=public_table.id, subnet_id=public.id)
    apply(RouteTableAssociation, route_table_id=private_table.id, subnet_id=private.id)
    apply(
        Route,
        route_table_id=private_table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=nat.id,
        gateway_id=None,
        network_interface_id=None,
    )
    apply(
        Route,
        route_table_id=private_table.id,
        destination_cidr_block="10.111.0.0/16",
        vpc_peering_connection_id=peering.id,
        nat_gateway_id=None,
    )
    made[:] = [(r, r.read()) if r is private_table else (r, read) for r, read in made]
    web = apply(SecurityGroup, name="web", description="Managed by Terraform", vpc_id=vpc.id, tags=tags)
    app = apply(SecurityGroup, name="app", description="Managed by Terraform", vpc_id=vpc.id, tags={})
    rule = {"description": None, "cidr_ipv4": None, "cidr_ipv6": None, "referenced_security_group_id": None, "tags": {}}
    apply(
        SecurityGroupRule,
        security_group_id=web.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        **{**rule, "cidr_ipv4": "0.0.0.0/0", "description": "everyone", "tags": tags},
    )
    apply(
        SecurityGroupRule,
        security_group_id=web.id,
        ip_protocol="icmp",
        from_port=8,
        to_port=-1,
        **{**rule, "cidr_ipv4": "10.110.0.0/16"},
    )
    apply(
        SecurityGroupRule,
        security_group_id=app.id,
        ip_protocol="tcp",
        from_port=8080,
        to_port=8080,
        **{**rule, "referenced_security_group_id": web.id},
    )
    apply(
        SecurityGroupEgressRule,
        security_group_id=web.id,
        ip_protocol="-1",
        from_port=None,
        to_port=None,
        **{**rule, "cidr_ipv4": "0.0.0.0/0"},
    )
    apply(
        SecurityGroupEgressRule,
        security_group_id=web.id,
        ip_protocol="-1",
        from_port=None,
        to_port=None,
        **{**rule, "cidr_ipv6": "::/0"},
    )
    acl_rule = {"rule_no": 100, "action": "allow", "cidr_block": "0.0.0.0/0"}
    apply(
        NetworkAcl,
        vpc_id=vpc.id,
        subnet_ids=[isolated.id],
        tags=tags,
        egress=[{**acl_rule, "protocol": "-1", "from_port": 0, "to_port": 0}],
        ingress=[
            {**acl_rule, "protocol": "tcp", "from_port": 22, "to_port": 22},
            {**acl_rule, "rule_no": 200, "protocol": "udp", "from_port": 53, "to_port": 53, "action": "deny"},
        ],
    )
    key = apply(KeyPair, key_name="terraform", public_key=PUBLIC_KEY, key_type="ed25519", tags=tags)
    images = ec2.describe_images(Owners=["amazon"], Filters=filters(name="al2023-ami-2023*-x86_64", state="available"))[
        "Images"
    ]
    image = max(images, key=lambda i: i["CreationDate"])["ImageId"]
    instance = apply(
        Instance,
        ami=image,
        instance_type="t3.micro",
        key_name=key.id,
        subnet_id=public.id,
        private_ip="10.110.0.10",
        vpc_security_group_ids=[web.id],
        user_data="#cloud-config\n",
        disable_api_termination=True,
        ebs_optimized=True,
        monitoring=False,
        instance_initiated_shutdown_behavior="stop",
        credit_specification="standard",
        source_dest_check=False,
        metadata_options={"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "disabled"},
        root_block_device={"VolumeSize": 20, "VolumeType": "gp3", "DeleteOnTermination": True, "Encrypted": True},
        tags=tags,
    )
    apply(Eip, domain="vpc", instance=instance.id, tags=tags)
    made[:] = [(r, r.read()) if r is instance else (r, read) for r, read in made]
    apply(
        VpcEndpoint,
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{REGION}.s3",
        vpc_endpoint_type="Gateway",
        private_dns_enabled=False,
        route_table_ids=[private_table.id],
        tags=tags,
    )
    apply(
        VpcEndpoint,
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.{REGION}.ec2",
        vpc_endpoint_type="Interface",
        private_dns_enabled=True,
        subnet_ids=[isolated.id],
        security_group_ids=[app.id],
        tags=tags,
    )


def main():
    before = picture(ec2)
    configuration()
    for resource, read in made:
        again = resource.read()
        resource.check(again)
        same(f"{type(resource).__name__} {resource.id} at a second refresh", again, read)
    step(f"plan: {len(made)} resources, no change")
    for resource, _ in reversed(made):
        resource.delete()
        step(f"destroyed {type(resource).__name__} {resource.id}")
    compare_pictures(before, picture(ec2))
    step("the account is as it was")


main()
