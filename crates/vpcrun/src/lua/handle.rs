//! Handles: what a declared resource is in Lua. Reading a property waits for just that resource.

use std::rc::Rc;
use std::sync::Arc;

use futures_util::FutureExt as _;
use mlua::{AnyUserData, Lua, MetaMethod, UserData, UserDataMethods, Value as LuaValue};
use serde::Serialize;
use serde_json::{Map, Value};
use vpcrun_ec2::Error;
use vpcrun_ec2::Handle as Future;
use vpcrun_model::{Address, Instance, InternetGateway, KeyPairInfo, Route, RouteTable, SecurityGroup, Subnet, Vpc};

use super::fault::{Fault, call_site};
use super::host::{Host, Region};
use super::values::{snake_keys, to_lua};
use crate::diagnostic::did_you_mean;
use crate::registry::{self, Object};

/// The resource behind a handle.
#[derive(Clone, PartialEq)]
pub enum Resource {
    /// A VPC.
    Vpc(Future<Vpc>),
    /// An internet gateway.
    InternetGateway(Future<InternetGateway>),
    /// A subnet.
    Subnet(Future<Subnet>),
    /// A route table.
    RouteTable(Future<RouteTable>),
    /// A route.
    Route(Future<Route>),
    /// A security group.
    SecurityGroup(Future<SecurityGroup>),
    /// A key pair.
    KeyPair(Future<KeyPairInfo>),
    /// An instance.
    Instance(Future<Instance>),
    /// An Elastic IP address.
    Address(Future<Address>),
}

/// Runs an expression over the future inside, whatever its type.
macro_rules! each {
    ($resource:expr, $future:ident => $body:expr) => {
        match $resource {
            Resource::Vpc($future) => $body,
            Resource::InternetGateway($future) => $body,
            Resource::Subnet($future) => $body,
            Resource::RouteTable($future) => $body,
            Resource::Route($future) => $body,
            Resource::SecurityGroup($future) => $body,
            Resource::KeyPair($future) => $body,
            Resource::Instance($future) => $body,
            Resource::Address($future) => $body,
        }
    };
}

impl Resource {
    /// AWS's noun, as the registry spells it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Vpc(_) => "vpc",
            Self::InternetGateway(_) => "internet gateway",
            Self::Subnet(_) => "subnet",
            Self::RouteTable(_) => "route table",
            Self::Route(_) => "route",
            Self::SecurityGroup(_) => "security group",
            Self::KeyPair(_) => "key pair",
            Self::Instance(_) => "instance",
            Self::Address(_) => "Elastic IP",
        }
    }

    /// The declared name.
    #[must_use]
    pub fn name(&self) -> &str {
        each!(self, future => future.name())
    }

    async fn members(&self, all: bool) -> Result<Map<String, Value>, Arc<Error>> {
        each!(self, future => read(future, all).await)
    }
}

/// The resource's members in snake case: as declared (`all`), or as soon as it exists.
async fn read<T: Serialize>(future: &Future<T>, all: bool) -> Result<Map<String, Value>, Arc<Error>> {
    let resource = if all { future.get().await? } else { future.exists().await? };
    match serde_json::to_value(&*resource).map(snake_keys) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// A declared resource in Lua.
#[derive(Clone)]
pub struct Handle {
    /// What it stands for.
    pub resource: Resource,
    /// The region in which it is declared.
    pub region: Region,
    host: Rc<Host>,
    object: &'static Object,
}

impl Handle {
    /// A handle.
    ///
    /// # Errors
    /// When the registry does not know the kind, which the tests exclude.
    pub fn new(resource: Resource, region: Region, host: Rc<Host>) -> Result<Self, Fault> {
        let kind = resource.kind();
        let object =
            registry::object(kind).ok_or_else(|| Fault::runbook(format!("{kind} is not in the help registry")))?;
        Ok(Self { resource, region, host, object })
    }

    /// Its id, as soon as it exists; of a route, which has none, its destination.
    ///
    /// # Errors
    /// What stopped it.
    pub async fn id(&self) -> Result<String, Fault> {
        let members = self.members(false).await?;
        Ok(members.get(self.object.id).and_then(Value::as_str).unwrap_or(self.resource.name()).to_owned())
    }

    async fn members(&self, all: bool) -> Result<Map<String, Value>, Fault> {
        let resource = &self.resource;
        match resource.members(all).await {
            Ok(members) => Ok(members),
            Err(error) => Err(super::failure(&self.host, &self.region, resource.kind(), resource.name(), &error).await),
        }
    }

    /// The value of a property.
    async fn property(&self, property: &str, is_list: bool) -> Result<Value, Fault> {
        // What creation fixes is known before all that was declared is in place.
        let early = property == self.object.id || matches!((self.object.kind, property), ("Elastic IP", "public_ip"));
        let mut members = self.members(!early).await?;
        let value = members.remove(property).unwrap_or(Value::Null);
        Ok(match (property, value) {
            ("state", Value::Object(mut state)) => state.remove("name").unwrap_or(Value::Null),
            (_, Value::Null) if is_list => Value::Array(Vec::new()),
            (_, value) => value,
        })
    }

    /// Its tags by name.
    async fn tags(&self) -> Result<Value, Fault> {
        let mut members = self.members(true).await?;
        let Some(Value::Array(tags)) = members.remove("tags") else { return Ok(Value::Object(Map::new())) };
        let pair = |tag: &Value| Some((tag.get("key")?.as_str()?.to_owned(), tag.get("value")?.clone()));
        Ok(Value::Object(tags.iter().filter_map(pair).collect()))
    }

    /// What the registry says of its kind.
    #[must_use]
    pub fn object(&self) -> &'static Object {
        self.object
    }

    /// Its members, if all that was declared is in place by now; `None` while it is being made.
    ///
    /// # Errors
    /// What stopped it.
    pub fn known(&self) -> Result<Option<Map<String, Value>>, Arc<Error>> {
        self.resource.members(true).now_or_never().transpose()
    }

    /// Kind, name and, when it exists, id.
    fn text(&self) -> String {
        let id = self.resource.members(false).now_or_never().and_then(Result::ok);
        let id = id.and_then(|members| members.get(self.object.id).and_then(Value::as_str).map(str::to_owned));
        let text = format!("{} {:?}", self.object.kind, self.resource.name());
        id.map_or(text.clone(), |id| format!("{text} {id}"))
    }

    /// Members that the registry does not list.
    #[cfg(test)]
    pub(super) async fn unregistered(&self) -> Result<Vec<String>, Fault> {
        let listed =
            |name: &String| self.object.properties.iter().any(|property| property.trim_end_matches("[]") == name);
        Ok(self
            .members(true)
            .await?
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| name != "tags" && !listed(name))
            .collect())
    }

    fn unknown(&self, name: &str) -> Fault {
        let properties = self.object.properties.iter().map(|property| property.trim_end_matches("[]"));
        let aliases = self.object.aliases.iter().map(|(alias, _)| *alias);
        let members = self.object.members.iter().map(|(member, _)| *member);
        let known = properties.chain(aliases).chain(members).chain(["id", "name", "tags", "kind"]);
        let guess = did_you_mean(name, known).map(|guess| format!("did you mean `{guess}`?"));
        Fault::runbook(format!("{} {:?} has no `{name}`", self.object.kind, self.resource.name()))
            .mark(name)
            .maybe_help(guess.or_else(|| Some(format!("see \"{}\" in docs/lua.md for what it has", self.object.kind))))
    }
}

/// What a name after the dot leads to.
enum Member {
    Tags,
    Property(&'static str, bool),
    Ready(LuaValue),
}

fn member(lua: &Lua, data: &AnyUserData, handle: &Handle, name: &str) -> mlua::Result<Result<Member, Fault>> {
    let object = handle.object;
    let text = |text: &str| lua.create_string(text).map(|text| Ok(Member::Ready(LuaValue::String(text))));
    match (object.kind, name) {
        (_, "name") => return text(handle.resource.name()),
        (_, "kind") => return text(object.kind),
        (_, "tags") => return Ok(Ok(Member::Tags)),
        ("vpc", "main_route_table") => {
            return main_route_table(lua, data, handle).map(|table| Ok(Member::Ready(table)));
        }
        ("route table", "route") => return Ok(Ok(Member::Ready(super::resources::route_method(lua, &handle.host)?))),
        _ => {}
    }
    let name = if name == "id" { object.id } else { name };
    let name = object.aliases.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, property)| property);
    let found = object.properties.iter().find(|property| property.trim_end_matches("[]") == name && !name.is_empty());
    Ok(match found {
        Some(property) => Ok(Member::Property(property.trim_end_matches("[]"), property.ends_with("[]"))),
        None if name.is_empty() => Ok(Member::Ready(LuaValue::Nil)),
        None => Err(handle.unknown(name)),
    })
}

/// The same handle at every reading, kept with the VPC's.
fn main_route_table(lua: &Lua, data: &AnyUserData, handle: &Handle) -> mlua::Result<LuaValue> {
    const KEPT: &str = "main_route_table";
    let kept: LuaValue = data.named_user_value(KEPT)?;
    if !kept.is_nil() {
        return Ok(kept);
    }
    let Resource::Vpc(vpc) = &handle.resource else { return Ok(LuaValue::Nil) };
    let resource = Resource::RouteTable(handle.region.stack().main_route_table(vpc));
    let table = Handle::new(resource, handle.region.clone(), handle.host.clone()).map_err(Fault::raise)?;
    let table = lua.create_userdata(table)?;
    data.set_named_user_value(KEPT, &table)?;
    Ok(LuaValue::UserData(table))
}

impl UserData for Handle {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        // One asynchronous __index for everything: with registered fields or methods mlua would put a C function before it,
        // in which Lua cannot wait.
        methods.add_async_meta_function(MetaMethod::Index, |lua, (data, name): (AnyUserData, String)| {
            let handle = data.borrow::<Self>().map(|handle| handle.clone());
            let site = handle.as_ref().ok().and_then(|handle| call_site(&lua, &handle.host.sources));
            async move {
                let handle = handle?;
                let raise = |fault: Fault| fault.at(site.clone()).raise();
                let value = match member(&lua, &data, &handle, &name)?.map_err(raise)? {
                    Member::Ready(value) => return Ok(value),
                    Member::Tags => handle.tags().await,
                    Member::Property(property, is_list) => handle.property(property, is_list).await,
                };
                to_lua(&lua, &value.map_err(raise)?)
            }
        });
        methods.add_meta_function(MetaMethod::NewIndex, |lua, (data, name, _): (AnyUserData, String, LuaValue)| {
            let handle = data.borrow::<Self>()?;
            let fault = Fault::runbook(format!("`{name}` of a {} cannot be set", handle.object.kind))
                .help("change its declaration, and run the runbook again")
                .mark(name);
            Err::<(), _>(fault.at(call_site(lua, &handle.host.sources)).raise())
        });
        methods.add_meta_method(MetaMethod::ToString, |_, handle, ()| Ok(handle.text()));
        methods.add_meta_function(MetaMethod::Eq, |_, (one, other): (AnyUserData, AnyUserData)| {
            let (one, other) = (one.borrow::<Self>()?, other.borrow::<Self>()?);
            Ok(one.resource == other.resource)
        });
    }
}
