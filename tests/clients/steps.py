"""What the Python scenarios share: steps, refusals, and a picture of the account.

A scenario prints a line for each step. The first surprise ends it with a message and exit status 1.
"""

import os
import sys
import traceback

import boto3
import botocore.config
import botocore.exceptions

# The servers that a test starts answer at once, and its transitions take a fraction of AWS's time.
WAIT = {"Delay": 0.1, "MaxAttempts": 300}

# Which ids an account lists, and under which action. What is shown for an hour after its end is left out.
LISTED = {
    "describe_addresses": ("Addresses", "AllocationId"),
    "describe_carrier_gateways": ("CarrierGateways", "CarrierGatewayId"),
    "describe_customer_gateways": ("CustomerGateways", "CustomerGatewayId"),
    "describe_dhcp_options": ("DhcpOptions", "DhcpOptionsId"),
    "describe_egress_only_internet_gateways": ("EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId"),
    "describe_flow_logs": ("FlowLogs", "FlowLogId"),
    "describe_images": ("Images", "ImageId"),
    "describe_internet_gateways": ("InternetGateways", "InternetGatewayId"),
    "describe_key_pairs": ("KeyPairs", "KeyPairId"),
    "describe_launch_templates": ("LaunchTemplates", "LaunchTemplateId"),
    "describe_managed_prefix_lists": ("PrefixLists", "PrefixListId"),
    "describe_nat_gateways": ("NatGateways", "NatGatewayId"),
    "describe_network_acls": ("NetworkAcls", "NetworkAclId"),
    "describe_network_interfaces": ("NetworkInterfaces", "NetworkInterfaceId"),
    "describe_placement_groups": ("PlacementGroups", "GroupId"),
    "describe_route_tables": ("RouteTables", "RouteTableId"),
    "describe_security_group_rules": ("SecurityGroupRules", "SecurityGroupRuleId"),
    "describe_security_groups": ("SecurityGroups", "GroupId"),
    "describe_subnets": ("Subnets", "SubnetId"),
    "describe_volumes": ("Volumes", "VolumeId"),
    "describe_vpc_endpoints": ("VpcEndpoints", "VpcEndpointId"),
    "describe_vpc_peering_connections": ("VpcPeeringConnections", "VpcPeeringConnectionId"),
    "describe_vpcs": ("Vpcs", "VpcId"),
    "describe_vpn_connections": ("VpnConnections", "VpnConnectionId"),
    "describe_vpn_gateways": ("VpnGateways", "VpnGatewayId"),
}
GONE = {"deleted", "deleting", "terminated", "rejected", "failed", "expired", "delete-in-progress", "delete-complete"}


def fail(message):
    """Ends the scenario."""
    print(f"FAILED: {message}", flush=True)
    sys.exit(1)


def surprised(_kind, error, trace):
    """An error that no step expects: where the scenario was, and what the client says."""
    here = os.path.dirname(os.path.abspath(__file__))
    *_, frame = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith(here)]
    print(f"FAILED: {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}\n{error!r}", flush=True)


sys.excepthook = surprised


def step(text):
    print(text, flush=True)


def check(condition, message):
    if not condition:
        fail(message)


def same(what, found, expected):
    if found != expected:
        fail(f"{what} is {found!r}, expected {expected!r}")


def client(region=None, **credentials):
    """An EC2 client. It sends each request once: what a retry would hide is a surprise here."""
    config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=30)
    return boto3.client("ec2", region_name=region, config=config, **credentials)


def actions():
    """The actions that the server has."""
    return set(os.environ["VPCRUN_ACTIONS"].split(","))


def has(method, ec2):
    return ec2.meta.method_to_api_mapping[method] in actions()


def refused(code, call, **arguments):
    """The call has to be refused with this code. Gives the message."""
    try:
        answer = call(**arguments)
    except botocore.exceptions.ClientError as error:
        found = error.response["Error"]
        if found["Code"] != code:
            fail(f"{call.__name__}({arguments}) was refused with {found}, expected {code}")
        check(found["Message"], f"{call.__name__}({arguments}) was refused without a message")
        step(f"  refused: {code}: {found['Message']}")
        return found["Message"]
    fail(f"{call.__name__}({arguments}) succeeded with {answer}, expected {code}")


def tagged(kind, name, **more):
    """A TagSpecifications argument."""
    tags = [{"Key": key, "Value": value} for key, value in {"Name": name, **more}.items()]
    return [{"ResourceType": kind, "Tags": tags}]


def name_of(resource):
    return next((tag["Value"] for tag in resource.get("Tags", []) if tag["Key"] == "Name"), None)


def state_of(resource):
    state = resource.get("State") or resource.get("Status")
    return state.get("Code") if isinstance(state, dict) else state


def picture(ec2):
    """What the account holds in a region: ids by action."""
    held = {}
    for method, (member, key) in LISTED.items():
        if not has(method, ec2):
            continue
        arguments = {"Owners": ["self"]} if method == "describe_images" else {}
        found = getattr(ec2, method)(**arguments)[member]
        held[method] = sorted(item[key] for item in found if state_of(item) not in GONE)
    reservations = ec2.describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    held["describe_instances"] = sorted(i["InstanceId"] for i in instances if i["State"]["Name"] != "terminated")
    return held


def compare_pictures(before, after):
    for method, ids in before.items():
        same(f"after the teardown {method}", after[method], ids)
