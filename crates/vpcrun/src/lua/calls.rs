//! `ec2.api.*`: one function for each EC2 action, made when it is first named.

use std::rc::Rc;

use mlua::{AnyUserData, Lua, MetaMethod, UserData, UserDataMethods, Value as LuaValue};
use serde_json::{Map, Value};
use vpcrun_ec2::api;

use super::fault::{Fault, call_site};
use super::host::{Host, Region};
use super::values::{shown, to_json, to_lua};
use crate::diagnostic::Site;

/// The object behind `ec2.api`.
struct Api {
    host: Rc<Host>,
    region: Region,
}

/// Whether a value is the `api` of an `ec2` object.
#[must_use]
pub fn is_api(data: &AnyUserData) -> bool {
    data.is::<Api>()
}

/// `ec2.api` of one region.
pub(super) fn api(lua: &Lua, host: &Rc<Host>, region: &Region) -> mlua::Result<LuaValue> {
    let api = Api { host: host.clone(), region: region.clone() };
    Ok(LuaValue::UserData(lua.create_userdata(api)?))
}

impl UserData for Api {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_meta_function(MetaMethod::Index, |lua, (data, name): (AnyUserData, String)| {
            let kept: LuaValue = data.named_user_value(&name)?;
            if !kept.is_nil() {
                return Ok(kept);
            }
            let function = data.borrow::<Self>()?.function(lua, &name)?;
            data.set_named_user_value(&name, &function)?;
            Ok(function)
        });
        methods
            .add_meta_method(MetaMethod::ToString, |_, api, ()| Ok(format!("ec2.api {}", api.region.session.region())));
    }
}

impl Api {
    fn function(&self, lua: &Lua, name: &str) -> mlua::Result<LuaValue> {
        let Some(action) = api::action(name) else {
            let guess = api::nearest(name).map(|action| action.snake_name());
            let help = guess.map(|guess| format!("did you mean `ec2.api.{guess}`?"));
            let fault = Fault::runbook(format!("EC2 has no action `{name}`")).mark(name).maybe_help(help);
            return Err(fault.at(call_site(lua, &self.host.sources)).raise());
        };
        let (host, session) = (self.host.clone(), self.region.session.clone());
        let function = lua.create_async_function(move |lua, input: LuaValue| {
            let site = call_site(&lua, &host.sources);
            let (host, session, action, name) = (host.clone(), session.clone(), action, action.snake_name());
            async move {
                let input = input_of(&name, input, &site).await.map_err(Fault::raise)?;
                host.report.started("call", &name);
                let answer = session.call(&action, input).await;
                host.report.ended("call", &name);
                let answer = answer.map_err(|error| refused(&name, &error).at(site).raise())?;
                to_lua(&lua, &answer)
            }
        })?;
        Ok(LuaValue::Function(function))
    }
}

/// The input table as JSON; no table is an empty one.
async fn input_of(action: &str, input: LuaValue, site: &Option<Site>) -> Result<Value, Fault> {
    let at = |fault: Fault| fault.at(site.clone());
    match input {
        LuaValue::Nil => Ok(Value::Object(Map::new())),
        LuaValue::Table(table) => match to_json(LuaValue::Table(table), 0).await.map_err(at)? {
            Value::Array(items) if items.is_empty() => Ok(Value::Object(Map::new())),
            Value::Array(_) => {
                Err(at(Fault::runbook(format!("ec2.api.{action} takes names and values, not a list")).mark(action)))
            }
            input => Ok(input),
        },
        other => {
            let fault = Fault::runbook(format!("ec2.api.{action} takes a table, not {}", shown(&other, 0)));
            Err(at(fault.help(format!("write ec2.api.{action} {{ … }}")).mark(action)))
        }
    }
}

fn refused(action: &str, error: &vpcrun_ec2::Error) -> Fault {
    Fault::ec2(Some(&format!("ec2.api.{action}")), error).mark(action)
}
