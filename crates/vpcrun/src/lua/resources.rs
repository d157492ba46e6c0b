//! `ec2.vpc { … }` and its like: from a Lua table to a spec of the engine.

use std::path::PathBuf;
use std::rc::Rc;

use ipnet::Ipv4Net;
use mlua::{AnyUserData, Function, Lua, Value};
use vpcrun_ec2::{
    ElasticIpSpec, InstanceSpec, InternetGatewaySpec, KeyPairSpec, KeyType, RouteSpec, RouteTargetSpec,
    SecurityGroupSpec, SubnetSpec, VpcSpec,
};

use super::fault::Fault;
use super::handle::{Handle, Resource};
use super::host::{Declared, Host, Region};
use super::keys::Keys;
use super::rules::{Direction, rules};

/// What a declaration is made of: the resource, and for a subnet where its block lies.
struct Made {
    resource: Resource,
    block: Option<(Ipv4Net, String)>,
}

impl From<Resource> for Made {
    fn from(resource: Resource) -> Self {
        Self { resource, block: None }
    }
}

type Maker = fn(&Keys, &Region) -> Result<Made, Fault>;

/// The function `ec2.<name>` for one region.
pub(super) fn function(lua: &Lua, host: &Rc<Host>, region: &Region, name: &str) -> mlua::Result<Value> {
    let (full_name, maker): (&'static str, Maker) = match name {
        "vpc" => ("ec2.vpc", vpc),
        "internet_gateway" => ("ec2.internet_gateway", internet_gateway),
        "subnet" => ("ec2.subnet", subnet),
        "security_group" => ("ec2.security_group", security_group),
        "key_pair" => ("ec2.key_pair", key_pair),
        "instance" => ("ec2.instance", instance),
        "elastic_ip" => ("ec2.elastic_ip", elastic_ip),
        _ => return Ok(Value::Nil),
    };
    let (host, region) = (host.clone(), region.clone());
    let function = lua.create_function(move |lua, keys: Value| {
        let keys = Keys::read(lua, &host, full_name, keys).map_err(Fault::raise)?;
        host.check_new(&region, full_name, &keys).map_err(Fault::raise)?;
        let made = maker(&keys, &region).map_err(Fault::raise)?;
        declared(&host, &region, &keys, made)
    })?;
    Ok(Value::Function(function))
}

/// The method `route_table:route { … }`.
pub(super) fn route_method(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Value> {
    let host = host.clone();
    let function: Function = lua.create_function(move |lua, (table, keys): (Value, Value)| {
        let (table, keys) = match keys {
            Value::Nil => (None, table),
            keys => (table.as_userdata().and_then(route_table), keys),
        };
        let keys = Keys::read(lua, &host, "route_table:route", keys).map_err(Fault::raise)?;
        let Some((region, table)) = table else {
            let fault = keys
                .fault("it is a method of a route table")
                .help("write route_table:route { to = …, via = … }, with a colon");
            return Err(fault.raise());
        };
        let destination = keys.cidr("to").map_err(Fault::raise)?;
        let target = route_target(&keys).map_err(Fault::raise)?;
        let resource = Resource::Route(region.stack().route(RouteSpec { table, destination, target }));
        declared(&host, &region, &keys, resource.into())
    })?;
    Ok(Value::Function(function))
}

fn route_table(data: &AnyUserData) -> Option<(Region, vpcrun_ec2::Handle<vpcrun_model::RouteTable>)> {
    let handle = data.borrow::<Handle>().ok()?;
    match &handle.resource {
        Resource::RouteTable(table) => Some((handle.region.clone(), table.clone())),
        _ => None,
    }
}

fn route_target(keys: &Keys) -> Result<RouteTargetSpec, Fault> {
    let value = keys.value("via")?;
    match keys.as_handle("via", &value)?.resource {
        Resource::InternetGateway(gateway) => Ok(RouteTargetSpec::InternetGateway(gateway)),
        Resource::Instance(instance) => Ok(RouteTargetSpec::Instance(instance)),
        _ => Err(keys.wrong("via", &value)),
    }
}

/// Notes where the resource is declared, and wraps it for Lua.
fn declared(host: &Rc<Host>, region: &Region, keys: &Keys, made: Made) -> mlua::Result<Handle> {
    let noun = made.resource.kind();
    host.report.started(noun, made.resource.name());
    let mut marks = Vec::new();
    for key in ["cidr", "private_ip", "to", "zone", "name"] {
        if let Ok(Value::String(text)) = keys.optional(key) {
            marks.push((key, text.to_string_lossy()));
        }
    }
    host.declared.borrow_mut().push(Declared {
        kind: noun,
        name: made.resource.name().to_owned(),
        region: region.session.region().to_owned(),
        site: keys.site(),
        values: marks,
        block: made.block,
    });
    Handle::new(made.resource, region.clone(), host.clone()).map_err(Fault::raise)
}

fn missing(keys: &Keys, name: &str) -> Fault {
    keys.fault(format!("`{name}` is missing"))
}

fn vpc(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let spec = VpcSpec {
        name: keys.required_text("name")?,
        cidr: keys.cidr("cidr")?,
        dns_support: keys.boolean("dns_support")?,
        dns_hostnames: keys.boolean("dns_hostnames")?,
        tags: keys.tags()?,
    };
    Ok(Resource::Vpc(region.stack().vpc(spec)).into())
}

fn internet_gateway(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let spec = InternetGatewaySpec {
        name: keys.required_text("name")?,
        vpc: keys.vpc("vpc")?.ok_or_else(|| missing(keys, "vpc"))?,
        tags: keys.tags()?,
    };
    Ok(Resource::InternetGateway(region.stack().internet_gateway(spec)).into())
}

fn subnet(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let spec = SubnetSpec {
        name: keys.required_text("name")?,
        vpc: keys.vpc("vpc")?.ok_or_else(|| missing(keys, "vpc"))?,
        cidr: keys.cidr("cidr")?,
        zone: keys.text("zone")?,
        map_public_ip: keys.boolean("map_public_ip")?,
        tags: keys.tags()?,
    };
    let block = Some((spec.cidr, spec.vpc.name().to_owned()));
    Ok(Made { resource: Resource::Subnet(region.stack().subnet(spec)), block })
}

fn security_group(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let egress = keys.list("egress")?.map(|list| rules(keys, Direction::Egress, list)).transpose()?;
    let spec = SecurityGroupSpec {
        name: keys.required_text("name")?,
        vpc: keys.vpc("vpc")?.ok_or_else(|| missing(keys, "vpc"))?,
        description: keys.text("description")?,
        ingress: rules(keys, Direction::Ingress, keys.list("ingress")?.unwrap_or_default())?,
        egress,
        tags: keys.tags()?,
    };
    Ok(Resource::SecurityGroup(region.stack().security_group(spec)).into())
}

fn key_pair(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let key_type = match keys.text("type")?.as_deref() {
        None | Some("ed25519") => KeyType::Ed25519,
        Some("rsa") => KeyType::Rsa,
        Some(other) => {
            return Err(keys.bad("type", other, format!("a key pair is \"ed25519\" or \"rsa\", not {other:?}")));
        }
    };
    let (save_to, public_key) = (keys.text("save_to")?, keys.text("public_key")?);
    match (&save_to, &public_key) {
        (None, None) => {
            let fault = keys.fault("it needs `save_to` or `public_key`: EC2 hands out a private key only once");
            return Err(fault.help("write save_to = \"mykeypair.pem\"").mark("ec2.key_pair"));
        }
        (Some(_), Some(_)) => {
            return Err(keys
                .fault("`save_to` and `public_key` exclude each other: EC2 never has an imported key's private half")
                .mark("save_to"));
        }
        _ => {}
    }
    let save_to = save_to.map(|path| below_working_dir(keys, &path)).transpose()?;
    let spec = KeyPairSpec { name: keys.required_text("name")?, key_type, save_to, public_key, tags: keys.tags()? };
    Ok(Resource::KeyPair(region.stack().key_pair(spec)).into())
}

/// A runbook writes only under the working directory.
fn below_working_dir(keys: &Keys, path: &str) -> Result<PathBuf, Fault> {
    use std::path::Component;
    let file = PathBuf::from(path);
    if file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Ok(file);
    }
    let fault = keys.bad("save_to", path, format!("{path:?} is not under the working directory"));
    Err(fault.help("name a file without / in front and without .."))
}

fn instance(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let mut groups = Vec::new();
    for value in keys.list("security_groups")?.unwrap_or_default() {
        match keys.as_handle("security_groups", &value)?.resource {
            Resource::SecurityGroup(group) => groups.push(group),
            _ => return Err(keys.wrong("security_groups", &value)),
        }
    }
    let spec = InstanceSpec {
        name: keys.required_text("name")?,
        subnet: keys.subnet("subnet")?.ok_or_else(|| missing(keys, "subnet"))?,
        image: keys.text("image")?,
        instance_type: keys.text("type")?,
        private_ip: keys.address("private_ip")?,
        key_pair: keys.key_pair("key_pair")?,
        security_groups: groups,
        user_data: keys.text("user_data")?,
        associate_public_ip: keys.boolean("associate_public_ip")?,
        source_dest_check: keys.boolean("source_dest_check")?,
        tags: keys.tags()?,
    };
    Ok(Resource::Instance(region.stack().instance(spec)).into())
}

fn elastic_ip(keys: &Keys, region: &Region) -> Result<Made, Fault> {
    let spec = ElasticIpSpec {
        name: keys.required_text("name")?,
        instance: keys.instance("instance")?,
        private_ip: keys.address("private_ip")?,
        tags: keys.tags()?,
    };
    if spec.private_ip.is_some() && spec.instance.is_none() {
        return Err(keys.fault("`private_ip` needs `instance`: it is an address of that instance").mark("private_ip"));
    }
    Ok(Resource::Address(region.stack().elastic_ip(spec)).into())
}
