//! Security group rules in Lua: `{ tcp = 22, from = "198.51.100.7/32" }`.

use mlua::Value;
use vpcrun_ec2::{PeerSpec, RuleSpec};
use vpcrun_model::{PortRange, Protocol, Traffic};

use super::fault::Fault;
use super::handle::Resource;
use super::keys::{Keys, cidr_help};

/// Which list a rule stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// The key of the other side, and the one that belongs to the other direction.
    const fn sides(self) -> (&'static str, &'static str) {
        match self {
            Self::Ingress => ("from", "to"),
            Self::Egress => ("to", "from"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// The keys of which a rule has exactly one.
const TRAFFIC: [&str; 5] = ["tcp", "udp", "icmp", "protocol", "all"];

/// The rules of one direction.
pub(super) fn rules(group: &Keys, direction: Direction, list: Vec<Value>) -> Result<Vec<RuleSpec>, Fault> {
    list.into_iter().map(|value| rule(group, direction, value)).collect()
}

fn rule(group: &Keys, direction: Direction, value: Value) -> Result<RuleSpec, Fault> {
    let keys = Keys::read_at("ec2.security_group.rule", value, group.site())?;
    let (side, other) = direction.sides();
    if !keys.value(other)?.is_nil() {
        let fault = keys.fault(format!("a rule in `{}` has `{side}`, not `{other}`", direction.name()));
        return Err(fault.mark(other));
    }
    Ok(RuleSpec { traffic: traffic(&keys)?, peer: peer(&keys, side)?, description: keys.text("description")? })
}

fn traffic(keys: &Keys) -> Result<Traffic, Fault> {
    let mut given = Vec::new();
    for name in TRAFFIC {
        if !matches!(keys.value(name)?, Value::Nil | Value::Boolean(false)) {
            given.push(name);
        }
    }
    let [name] = given[..] else {
        let what = if given.is_empty() { "none".to_owned() } else { given.join(" and ") };
        let mut fault = keys.fault(format!("it has one of {}, and here is {what}", TRAFFIC.join(", ")));
        fault.diagnostic.marks.extend(given.last().map(|name| (*name).to_owned()));
        return Err(fault.help("write one rule for each, such as { tcp = 22, from = \"198.51.100.7/32\" }"));
    };
    let code = keys.integer("icmp_code", 0..=255)?;
    if code.is_some() && name != "icmp" {
        return Err(keys.fault("`icmp_code` needs `icmp`").mark("icmp_code"));
    }
    match name {
        "tcp" => ports(keys, name).map(Traffic::tcp),
        "udp" => ports(keys, name).map(Traffic::udp),
        "icmp" => match keys.value(name)? {
            Value::Boolean(_) if code.is_some() => {
                Err(keys.fault("`icmp_code` needs a type: icmp = 3").mark("icmp_code"))
            }
            Value::Boolean(_) => of(keys, Protocol::ICMP, None, None),
            _ => of(keys, Protocol::ICMP, keys.integer(name, 0..=255)?, code),
        },
        "protocol" => protocol(keys),
        _ => match keys.value(name)? {
            Value::Boolean(true) => Ok(Traffic::ALL),
            other => Err(keys.wrong(name, &other)),
        },
    }
}

/// What EC2 makes of a protocol and its numbers.
fn of(keys: &Keys, protocol: Protocol, from: Option<i64>, to: Option<i64>) -> Result<Traffic, Fault> {
    Traffic::new(protocol, from, to).map_err(|error| keys.fault(error.to_string()))
}

fn protocol(keys: &Keys) -> Result<Traffic, Fault> {
    let number = keys.integer("protocol", 0..=255)?.and_then(|number| u8::try_from(number).ok());
    match number {
        Some(number @ (1 | 6 | 17)) => {
            let name = match number {
                1 => "icmp",
                6 => "tcp",
                _ => "udp",
            };
            Err(keys
                .fault(format!("protocol {number} has a key of its own"))
                .help(format!("write {name} = …"))
                .mark("protocol"))
        }
        Some(number) => of(keys, Protocol::from_number(number), None, None),
        None => Err(keys.fault("`protocol` is a number")),
    }
}

/// A port, `"first-last"` or `{first, last}`; true is all of them.
fn ports(keys: &Keys, name: &str) -> Result<PortRange, Fault> {
    let value = keys.value(name)?;
    let number = |value: &Value| value.as_integer().and_then(|port| u16::try_from(port).ok());
    let range = match &value {
        Value::Boolean(true) => return Ok(PortRange::ALL),
        Value::Integer(_) => number(&value).map(|port| (port, port)),
        Value::String(text) => {
            let text = text.to_string_lossy();
            let (first, last) = text.split_once('-').unwrap_or((&text, &text));
            first.trim().parse().ok().zip(last.trim().parse().ok())
        }
        Value::Table(pair) if pair.raw_len() == 2 => {
            let at = |index: i64| pair.raw_get::<Value>(index).ok().as_ref().and_then(number);
            at(1).zip(at(2))
        }
        _ => None,
    };
    let Some((first, last)) = range else {
        return Err(keys.wrong(name, &value).help("ports are from 0 to 65535, such as 22 or \"1024-65535\""));
    };
    PortRange::new(first, last).map_err(|error| {
        let fault = keys.fault(format!("`{name}`: {error}"));
        fault.help(format!("write \"{last}-{first}\"")).mark(name)
    })
}

fn peer(keys: &Keys, side: &str) -> Result<PeerSpec, Fault> {
    let value = keys.value(side)?;
    match &value {
        Value::Nil => Err(keys
            .fault(format!("it needs `{side}`"))
            .help(format!("write {side} = a CIDR block, a security group or \"self\""))),
        Value::String(text) => {
            let text = text.to_string_lossy();
            if text == "self" {
                return Ok(PeerSpec::ThisGroup);
            }
            if text.contains(':') {
                return vpcrun_model::parse_ipv6_block(&text)
                    .map(PeerSpec::from)
                    .map_err(|error| keys.bad(side, &text, error));
            }
            let block = vpcrun_model::parse_block(&text).map(PeerSpec::from);
            block.map_err(|error| keys.bad(side, &text, error).maybe_help(cidr_help(&text)))
        }
        _ => match keys.as_handle(side, &value)?.resource {
            Resource::SecurityGroup(group) => Ok(PeerSpec::Group(group)),
            _ => Err(keys.wrong(side, &value)),
        },
    }
}
