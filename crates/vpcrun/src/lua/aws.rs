//! `aws.ec2 { … }` and the object that it returns.

use std::rc::Rc;

use mlua::{AnyUserData, Lua, MetaMethod, Table, UserData, UserDataMethods, Value};

use super::fault::{Fault, call_site};
use super::host::{Host, Mode, Region};
use super::keys::Keys;
use super::{calls, resources, zones};
use crate::diagnostic::did_you_mean;

/// The `aws` table.
///
/// # Errors
/// When Lua runs out of memory.
pub fn table(lua: &Lua, host: &Rc<Host>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let h = host.clone();
    table.set(
        "ec2",
        lua.create_async_function(move |lua, keys: Value| {
            let named = Keys::read(&lua, &h, "aws.ec2", keys).and_then(|keys| Ok((keys.text("region")?, keys.site())));
            let h = h.clone();
            async move {
                let (named, site) = named.map_err(Fault::raise)?;
                open(&h, named).await.map_err(|fault| fault.at(site).raise())
            }
        })?,
    )?;
    Ok(table)
}

/// EC2 in a region that is open, as `aws.ec2` returns it.
///
/// # Errors
/// When Lua runs out of memory.
pub fn object(lua: &Lua, host: &Rc<Host>, region: &Region) -> mlua::Result<Value> {
    let name = Some(region.session.region().to_owned());
    lua.create_userdata(Ec2 { host: host.clone(), name, region: Some(region.clone()) }).map(Value::UserData)
}

/// Whether a value is EC2 in a region.
#[must_use]
pub fn is_ec2(data: &AnyUserData) -> bool {
    data.is::<Ec2>()
}

async fn open(host: &Rc<Host>, named: Option<String>) -> Result<Ec2, Fault> {
    if host.mode != Mode::Apply {
        let region = host.region_name(named.as_deref());
        host.named_regions.borrow_mut().push(region.clone());
        return Ok(Ec2 { host: host.clone(), name: region, region: None });
    }
    let region = host.region(named.as_deref()).await?;
    Ok(Ec2 { host: host.clone(), name: Some(region.session.region().to_owned()), region: Some(region) })
}

/// EC2 in one region, in Lua.
struct Ec2 {
    host: Rc<Host>,
    name: Option<String>,
    /// None while only the regions are asked for.
    region: Option<Region>,
}

/// What an `ec2` object has.
pub const MEMBERS: [&str; 10] = [
    "region",
    "api",
    "availability_zones",
    "vpc",
    "internet_gateway",
    "subnet",
    "security_group",
    "key_pair",
    "instance",
    "elastic_ip",
];

impl UserData for Ec2 {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_function(MetaMethod::Index, |lua, (data, name): (AnyUserData, String)| {
            let kept: Value = data.named_user_value(&name)?;
            if !kept.is_nil() {
                return Ok(kept);
            }
            let value = data.borrow::<Self>()?.member(lua, &name)?;
            data.set_named_user_value(&name, &value)?;
            Ok(value)
        });
        methods.add_meta_method(MetaMethod::ToString, |_, ec2, ()| {
            Ok(ec2.name.as_ref().map_or_else(|| "ec2".to_owned(), |name| format!("ec2 {name}")))
        });
    }
}

impl Ec2 {
    fn member(&self, lua: &Lua, name: &str) -> mlua::Result<Value> {
        let fault = |fault: Fault| fault.at(call_site(lua, &self.host.sources)).raise();
        if name == "region" {
            return self.name.as_ref().map_or(Ok(Value::Nil), |name| lua.create_string(name).map(Value::String));
        }
        if !MEMBERS.contains(&name) {
            let help = match did_you_mean(name, MEMBERS) {
                Some(guess) => format!("did you mean `ec2.{guess}`?"),
                None => format!("it has {}; every EC2 action is in ec2.api", MEMBERS.join(", ")),
            };
            return Err(fault(Fault::runbook(format!("ec2 has no `{name}`")).mark(name).help(help)));
        }
        let Some(region) = &self.region else { return Err(self.host.enough()) };
        match name {
            "api" => calls::api(lua, &self.host, region),
            "availability_zones" => zones::function(lua, &self.host, region),
            _ => resources::function(lua, &self.host, region, name),
        }
    }
}
