//! Every function of the Lua API.

use super::Input::{Table, Values};
use super::Kind::{
    Address, Any, Boolean, Cidr, Either, Function as Callable, Handle, Handles, IcmpType, Integer, OneOf, Peer, Ports,
    Rules, Tags, Text, Texts,
};
use super::Need::{Default, Optional, Required};
use super::{Function, Key, Kind, Need};

const fn key(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Key {
    Key { name, kind, need, doc }
}

const NAME: Key =
    key("name", Text, Required, "Its `Name` tag, by which a re-run finds it. Distinct among its kind in the runbook.");
const TAGS: Key = key("tags", Tags, Optional, "More tags.");
const VPC: Key = key("vpc", Handle("vpc"), Required, "Its VPC.");

/// All functions, in the order of the reference.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "runbook.args",
        doc: "Declares the runbook's arguments and returns their values as a table. Call it once, first. Each argument is a table with the keys of `runbook.args.argument`.",
        input: Values(&[key("arguments", Kind::Table, Required, "Argument names, each with its table.")]),
        result: "table: argument name to value",
        returns: "table<string, any>",
        example: "local args = runbook.args { count = { default = 2, help = \"how many subnets\" } }\nprint(args.count)",
    },
    Function {
        name: "runbook.args.argument",
        doc: "One argument in `runbook.args`. The person who runs the book gives it with `--set name=value`.",
        input: Table(&[
            key("default", Any, Optional, "Its value when it is not given. Without a default it must be given."),
            key("help", Text, Optional, "What it is for; `vpcrun RUNBOOK.lua --help` shows it."),
            key(
                "type",
                OneOf(&["string", "number", "integer", "boolean", "list", "cidr"]),
                Optional,
                "Its type; without it, that of the default, else string. A list is separated by commas. `auto` for a cidr is this host's public address.",
            ),
        ]),
        result: "",
        returns: "",
        example: "local args = runbook.args { home = { type = \"cidr\", default = \"auto\", help = \"who may SSH\" } }\nprint(args.home)",
    },
    Function {
        name: "runbook.output",
        doc: "Gives the person who runs the book a value: printed at the end, and a member of `outputs` with `--json`.",
        input: Values(&[
            key("name", Text, Required, "The output's name."),
            key("value", Any, Required, "The value: a string, number, boolean, table or handle (its id)."),
        ]),
        result: "nothing",
        returns: "",
        example: "runbook.output(\"network\", vpc.cidr)",
    },
    Function {
        name: "runbook.note",
        doc: "Tells the person who runs the book something worth knowing.",
        input: Values(&[key("text", Text, Required, "The text.")]),
        result: "nothing",
        returns: "",
        example: "runbook.note(\"zone b is not offered here\")",
    },
    Function {
        name: "runbook.warn",
        doc: "Warns the person who runs the book. The run goes on.",
        input: Values(&[key("text", Text, Required, "The text.")]),
        result: "nothing",
        returns: "",
        example: "runbook.warn(\"SSH is open to the whole world\")",
    },
    Function {
        name: "runbook.expect.that",
        doc: "Expects a condition to hold. If it does not, the run goes on, says so at the end and exits with code 4.",
        input: Values(&[
            key("condition", Any, Required, "Anything; false and nil do not hold."),
            key("text", Text, Required, "What is expected, as a sentence."),
        ]),
        result: "boolean: whether it holds",
        returns: "boolean",
        example: "runbook.expect.that(cidr.contains(vpc.cidr, subnet.cidr), \"the subnet lies in the VPC\")",
    },
    Function {
        name: "runbook.expect.equal",
        doc: "Expects two values to be equal; tables are compared by content. As `runbook.expect.that` otherwise.",
        input: Values(&[
            key("actual", Any, Required, "What is there."),
            key("expected", Any, Required, "What should be there."),
            key("text", Text, Required, "What is compared, as a short phrase."),
        ]),
        result: "boolean: whether they are equal",
        returns: "boolean",
        example: "runbook.expect.equal(subnet.available_ip_address_count, 251, \"addresses left in the subnet\")",
    },
    Function {
        name: "try",
        doc: "Calls a function and catches its error: returns what the function returns, or nil and the error as a table with `code`, `message` and, where there is one, `hint`. A refused resource fails the run all the same; a refused `ec2.api` call does not.",
        input: Values(&[
            key("f", Callable, Required, "The function."),
            key("...", Any, Optional, "Values that are passed on to it."),
        ]),
        result: "the function's results, or nil and a table",
        returns: "any, vpcrun.error?",
        example: "local made, err = try(ec2.api.create_subnet, { vpc_id = vpc, cidr_block = \"10.0.0.0/24\" })\nprint(made, err.code, err.message)",
    },
    Function {
        name: "aws.ec2",
        doc: "EC2 in one region: its resources and its calls. `--region` on the command line wins over the key.",
        input: Table(&[key(
            "region",
            Text,
            Optional,
            "The region; without it that of the environment or profile, on the local target ap-northeast-1.",
        )]),
        result: "an `ec2` object; its `region` is the region's name",
        returns: "vpcrun.ec2",
        example: "local tokyo = aws.ec2 { region = \"ap-northeast-1\" }\nprint(tokyo.region)",
    },
    Function {
        name: "ec2.vpc",
        doc: "A VPC.",
        input: Table(&[
            NAME,
            key("cidr", Cidr, Required, "Its CIDR block, /16 to /28. Fixed at creation."),
            key("dns_support", Boolean, Optional, "Whether Amazon's DNS server answers in it."),
            key("dns_hostnames", Boolean, Optional, "Whether instances with public addresses get public host names."),
            TAGS,
        ]),
        result: "vpc",
        returns: "vpcrun.vpc",
        example: "local other = ec2.vpc { name = \"other\", cidr = \"10.0.0.0/16\" }",
    },
    Function {
        name: "ec2.internet_gateway",
        doc: "An internet gateway, attached to a VPC.",
        input: Table(&[NAME, key("vpc", Handle("vpc"), Required, "The VPC to which it is attached."), TAGS]),
        result: "internet gateway",
        returns: "vpcrun.internet_gateway",
        example: "local other = ec2.vpc { name = \"other\", cidr = \"10.0.0.0/16\" }\nlocal gateway = ec2.internet_gateway { name = \"gateway\", vpc = other }",
    },
    Function {
        name: "ec2.subnet",
        doc: "A subnet.",
        input: Table(&[
            NAME,
            VPC,
            key("cidr", Cidr, Required, "Its CIDR block, /16 to /28, inside the VPC's. Fixed at creation."),
            key(
                "zone",
                Text,
                Optional,
                "Its Availability Zone, such as `ap-northeast-1a`; without it EC2 chooses. Fixed at creation.",
            ),
            key(
                "map_public_ip",
                Boolean,
                Optional,
                "Whether instances launched here get a public address without asking.",
            ),
            TAGS,
        ]),
        result: "subnet",
        returns: "vpcrun.subnet",
        example: "local second = ec2.subnet { name = \"second\", vpc = vpc, cidr = \"192.168.2.0/24\" }",
    },
    Function {
        name: "route_table:route",
        doc: "A route of a route table, such as `vpc.main_route_table`.",
        input: Table(&[
            key("to", Cidr, Required, "The destinations that it matches."),
            key("via", Either("internet gateway", "instance"), Required, "Where it sends them."),
        ]),
        result: "route",
        returns: "vpcrun.route",
        example: "vpc.main_route_table:route { to = \"0.0.0.0/0\", via = igw }",
    },
    Function {
        name: "ec2.security_group",
        doc: "A security group. Its rules are exactly the listed ones: a re-run adds what is missing before it removes what is not listed.",
        input: Table(&[
            NAME,
            VPC,
            key("description", Text, Optional, "Its description. Fixed at creation."),
            key("ingress", Rules, Optional, "What may come in. Without it, nothing may."),
            key("egress", Rules, Optional, "What may go out. Without it, everything may."),
            TAGS,
        ]),
        result: "security group",
        returns: "vpcrun.security_group",
        example: "local web = ec2.security_group { name = \"web\", vpc = vpc, ingress = { { tcp = 443, from = \"0.0.0.0/0\" } } }",
    },
    Function {
        name: "ec2.security_group.rule",
        doc: "One rule in `ingress` or `egress`: exactly one of `tcp`, `udp`, `icmp`, `protocol` and `all`, and `from` (ingress) or `to` (egress).",
        input: Table(&[
            key("tcp", Ports, Optional, "TCP ports."),
            key("udp", Ports, Optional, "UDP ports."),
            key("icmp", IcmpType, Optional, "ICMP: true for all of it, or a type (8 is an echo request)."),
            key("icmp_code", Integer, Optional, "ICMP code, beside a type."),
            key("protocol", Integer, Optional, "Another IP protocol by its number."),
            key("all", Boolean, Optional, "true: all protocols and ports."),
            key("from", Peer, Optional, "Who may send, in `ingress`."),
            key("to", Peer, Optional, "Whom it may be sent to, in `egress`."),
            key("description", Text, Optional, "The rule's description."),
        ]),
        result: "",
        returns: "",
        example: "local group = ec2.security_group { name = \"group\", vpc = vpc, ingress = {\n  { tcp = \"8000-8080\", from = \"192.168.0.0/16\", description = \"inside\" },\n  { icmp = true, from = \"0.0.0.0/0\" },\n  { all = true, from = \"self\" },\n} }",
    },
    Function {
        name: "ec2.key_pair",
        doc: "A key pair: made by EC2, with the private half saved to a file of mode 0400 that is never overwritten; or imported from a public key.",
        input: Table(&[
            NAME,
            key(
                "save_to",
                Text,
                Optional,
                "The file for the private half, under the working directory. Either this or `public_key`.",
            ),
            key("public_key", Text, Optional, "A public key in OpenSSH's format, to import."),
            key("type", OneOf(&["ed25519", "rsa"]), Default("\"ed25519\""), "The algorithm, when EC2 makes the pair."),
            TAGS,
        ]),
        result: "key pair",
        returns: "vpcrun.key_pair",
        example: "local key = ec2.key_pair { name = \"key\", save_to = \"example.pem\" }",
    },
    Function {
        name: "ec2.instance",
        doc: "An instance with one network interface.",
        input: Table(&[
            NAME,
            key("subnet", Handle("subnet"), Required, "Its subnet. Fixed at creation."),
            key(
                "image",
                Text,
                Default("the newest Amazon Linux 2023"),
                "Its image: an id, or `resolve:ssm:` and a public parameter.",
            ),
            key("type", Text, Default("\"t3.micro\""), "Its instance type."),
            key("private_ip", Address, Optional, "Its private address; without it EC2 chooses. Fixed at creation."),
            key("key_pair", Handle("key pair"), Optional, "The key pair that may log in. Fixed at creation."),
            key(
                "security_groups",
                Handles("security group"),
                Optional,
                "Its security groups; without them, the VPC's default group.",
            ),
            key("user_data", Text, Optional, "Data for the first boot, as plain text."),
            key(
                "associate_public_ip",
                Boolean,
                Optional,
                "Whether it gets a public address at launch; without it, as the subnet says.",
            ),
            key("source_dest_check", Boolean, Optional, "Whether it may only send and receive in its own name."),
            TAGS,
        ]),
        result: "instance",
        returns: "vpcrun.instance",
        example: "local host = ec2.instance { name = \"host\", subnet = subnet, private_ip = \"192.168.1.10\" }",
    },
    Function {
        name: "ec2.elastic_ip",
        doc: "An Elastic IP address. It waits until its instance runs; its own address is known before.",
        input: Table(&[
            NAME,
            key("instance", Handle("instance"), Optional, "The instance with which it is associated."),
            key(
                "private_ip",
                Address,
                Optional,
                "The private address of the instance to which it maps; without it, the primary one.",
            ),
            TAGS,
        ]),
        result: "Elastic IP",
        returns: "vpcrun.elastic_ip",
        example: "local address = ec2.elastic_ip { name = \"address\" }\nprint(address.public_ip)",
    },
    Function {
        name: "ec2.availability_zones",
        doc: "Names of Availability Zones that the target offers: the preferred ones, or, where it does not offer all of them, the first ones that it does, and the run says so.",
        input: Table(&[
            key("prefer", Texts, Optional, "Zones in order, as names (`ap-northeast-1b`) or letters (`b`)."),
            key("count", Integer, Optional, "How many; without it, as many as are preferred, else all."),
        ]),
        result: "list of zone names",
        returns: "string[]",
        example: "local zones = ec2.availability_zones { prefer = { \"b\", \"c\" }, count = 2 }\nprint(zones[1], zones[2])",
    },
    Function {
        name: "ec2.api",
        doc: "One function for each EC2 action, in the action's own names in snake case: `ec2.api.describe_subnets { subnet_ids = { … } }`. A handle stands for its id. One call fetches one page; pass its `next_token` on for the next.",
        input: Table(&[]),
        result: "table: the answer, in snake case",
        returns: "vpcrun.ec2.api",
        example: "local answer = ec2.api.describe_subnets { subnet_ids = { subnet } }\nprint(answer.subnets[1].cidr_block)",
    },
    Function {
        name: "cidr.parse",
        doc: "Takes a CIDR block apart: `block` (host bits cleared), `network`, `prefix`, `first`, `last`, and `size`, the number of addresses.",
        input: Values(&[key("block", Cidr, Required, "The block.")]),
        result: "table",
        returns: "{ block: string, network: string, prefix: integer, first: string, last: string, size: integer }",
        example: "print(cidr.parse(\"192.168.1.77/24\").block)",
    },
    Function {
        name: "cidr.contains",
        doc: "Whether a block holds all of another block, or an address.",
        input: Values(&[
            key("block", Cidr, Required, "The outer block."),
            key("inner", Cidr, Required, "A block or an address."),
        ]),
        result: "boolean",
        returns: "boolean",
        example: "print(cidr.contains(\"192.168.0.0/16\", \"192.168.1.4\"))",
    },
    Function {
        name: "cidr.overlaps",
        doc: "Whether two blocks have an address in common.",
        input: Values(&[key("one", Cidr, Required, "A block."), key("other", Cidr, Required, "Another one.")]),
        result: "boolean",
        returns: "boolean",
        example: "print(cidr.overlaps(\"192.168.1.0/24\", \"192.168.1.128/25\"))",
    },
    Function {
        name: "cidr.usable",
        doc: "How many addresses of a subnet's block instances can have: all but the five that AWS reserves.",
        input: Values(&[key("block", Cidr, Required, "A subnet's block, /16 to /28.")]),
        result: "integer",
        returns: "integer",
        example: "print(cidr.usable(\"192.168.1.0/24\"))",
    },
    Function {
        name: "cidr.reserved",
        doc: "The five addresses of a subnet's block that AWS keeps for itself, as tables with `address` and `purpose`.",
        input: Values(&[key("block", Cidr, Required, "A subnet's block, /16 to /28.")]),
        result: "list of tables",
        returns: "{ address: string, purpose: string }[]",
        example: "for _, reserved in ipairs(cidr.reserved(\"192.168.1.0/24\")) do print(reserved.address, reserved.purpose) end",
    },
    Function {
        name: "cidr.next_free",
        doc: "The first block of a size inside another that overlaps none of those in use; nil when there is none.",
        input: Values(&[
            key("block", Cidr, Required, "The outer block."),
            key("prefix", Integer, Required, "The prefix length wanted, such as 24."),
            key("used", Texts, Optional, "Blocks in use."),
        ]),
        result: "string or nil",
        returns: "string?",
        example: "print(cidr.next_free(\"192.168.0.0/16\", 24, { \"192.168.0.0/24\" }))",
    },
];
