"""What the resources of Terraform's AWS provider share: finders, waiters, tags (find.go, wait.go, tags_gen.go)."""

import time

import botocore.exceptions

from steps import check, client, fail, same

ec2 = client()
REGION = ec2.meta.region_name


def filters(**pairs):
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in pairs.items()]


def one(items):
    """tfresource.AssertSingleValueResult."""
    check(len(items) == 1, f"one result was expected: {items}")
    return items[0]


def until(what, condition):
    end = time.monotonic() + 60
    while not condition():
        check(time.monotonic() < end, f"{what}: not within 60 s")
        time.sleep(0.05)


def code_of(call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def delete(codes, call, **arguments):
    """A delete that the provider repeats while something still depends on the resource."""
    until(f"{call.__name__}({arguments})", lambda: code_of(call, **arguments) not in codes)


def gone(*codes, call, member, **arguments):
    """tfresource.RetryUntilNotFound: a NotFound error, or an empty answer."""

    def not_found():
        try:
            return not call(**arguments)[member]
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in codes:
                return True
            raise

    until(f"{call.__name__}({arguments}) finds nothing", not_found)


def specifications(kind, tags):
    """getTagSpecificationsIn: nothing without tags."""
    if not tags:
        return {}
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]}


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}


def arn(kind, account, id):
    return f"arn:aws:ec2:{REGION}:{account}:{kind}/{id}"


class Resource:
    """A resource: its configuration with defaults, and the provider's three functions."""

    def __init__(self, **configured):
        self.configured = configured
        self.id = None

    def __getitem__(self, name):
        return self.configured[name]

    def get(self, name, default=None):
        return self.configured.get(name, default)

    def check(self, read):
        """What would be a change in a plan: a configured attribute that reads otherwise."""
        for name, value in self.configured.items():
            if name not in read:
                fail(f"{type(self).__name__}.{name} is not read: {read}")
            if read[name] != value:
                fail(f"{type(self).__name__}.{name}: a plan changes {read[name]!r} to {value!r}")


def lingering_interfaces(name, id):
    """deleteLingeringENIs asks for what Lambda and others left behind."""
    asked = [{"Name": name, "Values": [id]}, {"Name": "description", "Values": ["AWS Lambda VPC ENI*"]}]
    same("interfaces that Lambda left", ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"], [])
