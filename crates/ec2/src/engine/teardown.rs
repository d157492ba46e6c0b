//! Takes a stack down, from its tags alone, in reverse order of dependency and side by side.
//!
//! Instances end, addresses are released, key pairs and routes go at once; gateways follow their addresses, subnets and
//! groups the instances, VPCs everything. What fails does not stop the rest.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::Instant;
use vpcrun_model::{
    Address, Direction, GatewayId, Instance, InstanceStateName, InternetGateway, KeyPairInfo, Peer, Resource, Route,
    RouteTable, Rule, SecurityGroup, Subnet, Vpc, rules_of,
};

use super::blockers::{self, InTheWay};
use super::call::Backoff;
use super::event::{Action, Blocked, Event};
use super::instance::groups_of;
use super::key_file::{self, Held};
use super::kind::{KEY_FILE_TAG, KEY_TAG, Kind, name_of};
use super::look::Look;
use super::poll::{self, Expected};
use super::rules;
use super::stack::Stack;
use super::work::lock;
use crate::Error;

/// How long to wait for what is on its way out but still in the way, such as the interface of a terminated instance.
const GRACE: Duration = Duration::from_secs(60);

/// Deletes what `look` shows, and tells and counts it.
pub(super) async fn run(stack: &Stack, look: Look) {
    let teardown = Teardown { stack, look: &look, left: Mutex::default() };
    let ended = teardown.end_instances().boxed().shared();
    tokio::join!(
        ended.clone(),
        teardown.addresses_then_gateways(ended),
        join_all(look.key_pairs.iter().map(|pair| teardown.delete_key_pair(pair))),
        join_all(teardown.routes().into_iter().map(|(table, route)| teardown.delete_route(table, route))),
        join_all(look.security_groups.iter().map(|group| teardown.revoke_references(group))),
    );
    tokio::join!(
        join_all(look.subnets.iter().map(|subnet| teardown.delete_subnet(subnet))),
        join_all(look.security_groups.iter().map(|group| teardown.delete_group(group))),
    );
    join_all(look.vpcs.iter().map(|vpc| teardown.delete_vpc(vpc))).await;
}

struct Teardown<'a> {
    stack: &'a Stack,
    look: &'a Look,
    /// What could not be deleted: id to kind and name.
    left: Mutex<HashMap<String, (Kind, String)>>,
}

/// What is to be deleted, for readers.
#[derive(Clone)]
struct Thing {
    kind: Kind,
    name: String,
    id: String,
}

impl Thing {
    fn new(kind: Kind, resource: &impl Resource) -> Self {
        let name = resource.tag(KEY_TAG).map(name_of).or(resource.name()).unwrap_or_default();
        Self { kind, name: name.to_owned(), id: resource.id().to_string() }
    }
}

impl Teardown<'_> {
    // What happens to a thing.

    fn deleted(&self, thing: &Thing, detail: String) {
        let Thing { kind, name, id } = thing.clone();
        self.stack.tell(Event {
            action: Action::Deleted,
            kind: kind.noun(),
            name,
            id: Some(id),
            detail,
            changes: Vec::new(),
        });
    }

    fn failed(&self, thing: &Thing, error: Arc<Error>) {
        let error = error.stopped_at(thing.kind.noun(), &thing.name);
        lock(&self.left).insert(thing.id.clone(), (thing.kind, thing.name.clone()));
        self.stack.tell_error(thing.kind.noun(), &thing.name, Some(thing.id.clone()), &error);
    }

    /// Gives up on a thing because of another one that is left.
    fn not_tried(&self, thing: &Thing, (kind, name): (Kind, String)) {
        let (needs_kind, needs) = (kind.noun(), name);
        let error = Error::NotTried { kind: thing.kind.noun(), name: thing.name.clone(), needs_kind, needs };
        self.failed(thing, Arc::new(error));
    }

    /// The first of these ids that is left.
    fn left_of(&self, ids: impl IntoIterator<Item = String>) -> Option<(Kind, String)> {
        let left = lock(&self.left);
        ids.into_iter().find_map(|id| left.get(&id).cloned())
    }

    /// Sends a call that deletes or detaches. Gone already is fine; what is in the way is waited for while it is on its way
    /// out, and named when it is not.
    async fn remove<O, E, F>(&self, thing: &Thing, send: impl Fn() -> F) -> Result<(), Arc<Error>>
    where
        F: Future<Output = Result<O, E>>,
        Error: From<E>,
    {
        let start = Instant::now();
        let deadline = GRACE.min(self.stack.deadline);
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(5));
        loop {
            let error = match send().await.map_err(Error::from) {
                Ok(_) => return Ok(()),
                Err(error) if is_gone(&error) => return Ok(()),
                Err(error) => error,
            };
            if !error.refusal().is_some_and(crate::Refusal::is_in_use) {
                return Err(Arc::new(error));
            }
            let found = blockers::of(&self.stack.session, &self.stack.name, thing.kind, &thing.id).await?;
            let elapsed = start.elapsed();
            if elapsed >= deadline || found.iter().any(|one| !one.is_leaving) {
                return Err(Arc::new(Error::Blocked(blocked(thing, found))));
            }
            self.waiting(thing, &found, elapsed, deadline);
            self.stack.shared.patience.pause(backoff.next()).await;
        }
    }

    fn waiting(&self, thing: &Thing, found: &[InTheWay], elapsed: Duration, deadline: Duration) {
        let Thing { kind, name, id } = thing.clone();
        let what = found.first().map_or_else(|| "EC2".to_owned(), |one| one.blocker.to_string());
        self.stack.tell(Event {
            action: Action::Waiting { elapsed, deadline },
            kind: kind.noun(),
            name,
            id: Some(id),
            detail: format!("still in use, waits for {what}"),
            changes: Vec::new(),
        });
    }

    async fn delete<O, E, F>(&self, thing: &Thing, send: impl Fn() -> F)
    where
        F: Future<Output = Result<O, E>>,
        Error: From<E>,
    {
        match self.remove(thing, send).await {
            Ok(()) => self.deleted(thing, String::new()),
            Err(error) => self.failed(thing, error),
        }
    }

    // Instances.

    async fn end_instances(&self) {
        let instances: Vec<&Instance> = self.look.instances.iter().collect();
        if instances.is_empty() {
            return;
        }
        // One call for all; EC2 takes all or none, so what is protected or gone makes it one call each.
        let together = self.terminate(&instances).await;
        let alone = instances.len() > 1 && together.is_err();
        let together = together.map_err(Arc::new);
        let expected: Vec<_> = instances.iter().map(|_| self.stack.shared.poller.expect_one()).collect();
        join_all(instances.iter().zip(expected).map(|(instance, expected)| {
            let together = together.clone();
            async move {
                let asked = if alone { self.terminate(&[instance]).await.map_err(Arc::new) } else { together };
                self.end_instance(instance, asked, expected).await;
            }
        }))
        .await;
    }

    async fn terminate(&self, instances: &[&Instance]) -> Result<(), Error> {
        let ids = instances.iter().map(|instance| instance.instance_id.to_string()).collect();
        let call = self.stack.session.client().terminate_instances().set_instance_ids(Some(ids));
        call.send().await.map(drop).map_err(Error::from)
    }

    async fn end_instance(&self, instance: &Instance, asked: Result<(), Arc<Error>>, expected: Expected<'_>) {
        let thing = Thing::new(Kind::Instance, instance);
        match asked {
            Err(error) if is_gone(&error) => return self.deleted(&thing, String::new()),
            Err(error) => return self.failed(&thing, error),
            Ok(()) => {}
        }
        let gone =
            |there: Option<&Instance>| Ok(there.is_none_or(|one| one.state.name == InstanceStateName::Terminated));
        match poll::wait_for(self.stack, Some(expected), instance.instance_id, &thing.name, "terminated", gone).await {
            Ok(_) => self.deleted(&thing, String::new()),
            Err(error) => self.failed(&thing, error),
        }
    }

    // Addresses and gateways.

    /// A gateway detaches only when no address of its VPC is mapped: neither an Elastic IP nor an instance's own.
    async fn addresses_then_gateways(&self, ended: impl Future<Output = ()> + Clone) {
        let disassociated = join_all(self.look.addresses.iter().map(|address| self.disassociate(address))).await;
        let release = self.look.addresses.iter().zip(disassociated);
        let release = release.map(|(address, done)| self.release(address, done));
        let gateways = self.look.internet_gateways.iter().map(|gateway| {
            let ended = ended.clone();
            async move {
                if self.has_other_public_addresses(gateway) {
                    ended.await;
                }
                self.delete_gateway(gateway).await;
            }
        });
        tokio::join!(join_all(release), join_all(gateways));
    }

    async fn disassociate(&self, address: &Address) -> Result<(), Arc<Error>> {
        let Some(id) = address.association_id else { return Ok(()) };
        let call = self.stack.session.client().disassociate_address().association_id(id.to_string());
        match call.send().await.map_err(Error::from) {
            Err(error) if !is_gone(&error) => Err(Arc::new(error)),
            _ => Ok(()),
        }
    }

    async fn release(&self, address: &Address, disassociated: Result<(), Arc<Error>>) {
        let thing = Thing::new(Kind::ElasticIp, address);
        if let Err(error) = disassociated {
            return self.failed(&thing, error);
        }
        let call = self.stack.session.client().release_address().allocation_id(&thing.id);
        match self.remove(&thing, || call.clone().send()).await {
            Ok(()) => self.deleted(&thing, address.public_ip.to_string()),
            Err(error) => self.failed(&thing, error),
        }
    }

    /// Whether an instance in the gateway's VPC has a public address that no Elastic IP of the stack gave it.
    fn has_other_public_addresses(&self, gateway: &InternetGateway) -> bool {
        let elastic: BTreeSet<_> = self.look.addresses.iter().map(|address| address.public_ip).collect();
        let in_vpc = |instance: &&Instance| gateway.attachments.iter().any(|one| Some(one.vpc_id) == instance.vpc_id);
        let public = self.look.instances.iter().filter(in_vpc).filter_map(|instance| instance.public_ip_address);
        public.into_iter().any(|address| !elastic.contains(&address))
    }

    async fn delete_gateway(&self, gateway: &InternetGateway) {
        let thing = Thing::new(Kind::InternetGateway, gateway);
        let client = self.stack.session.client();
        for attachment in &gateway.attachments {
            let call = client.detach_internet_gateway().internet_gateway_id(&thing.id);
            let call = call.vpc_id(attachment.vpc_id.to_string());
            if let Err(error) = self.remove(&thing, || call.clone().send()).await {
                return self.failed(&thing, error);
            }
        }
        let call = client.delete_internet_gateway().internet_gateway_id(&thing.id);
        self.delete(&thing, || call.clone().send()).await;
    }

    // Key pairs.

    async fn delete_key_pair(&self, pair: &KeyPairInfo) {
        let thing = Thing::new(Kind::KeyPair, pair);
        // By name: not every server knows the id here, and EC2 answers a wrong one with success.
        let call = self.stack.session.client().delete_key_pair().key_name(&pair.key_name);
        match self.remove(&thing, || call.clone().send()).await {
            Ok(()) => self.deleted(&thing, self.remove_key_file(pair)),
            Err(error) => self.failed(&thing, error),
        }
    }

    /// Removes the file that holds the deleted pair's private half, and nothing else: the tag that names it comes from the
    /// account, where others may write. Says what became of it.
    fn remove_key_file(&self, pair: &KeyPairInfo) -> String {
        let Some(tag) = pair.tag(KEY_FILE_TAG) else { return String::new() };
        if !key_file::is_inside(Path::new(tag)) {
            return format!("{tag} is left: it is not under the working directory");
        }
        let path = self.stack.base_dir.join(tag);
        let Some(public_key) = &pair.public_key else {
            return format!("{tag} is left: EC2 does not say which public key belongs to the pair");
        };
        match key_file::held(&path, public_key) {
            Ok(Held::Missing) => String::new(),
            Ok(Held::Other) => format!("{tag} is left: it does not hold the pair's private half"),
            Err(error) => format!("{tag} is left: {error}"),
            Ok(Held::PrivateHalf) => match std::fs::remove_file(&path) {
                Ok(()) => format!("with {tag}"),
                Err(error) => format!("{tag} is left: {error}"),
            },
        }
    }

    // Routes.

    /// Routes of the main tables of the stack's VPCs that lead to something of the stack. Others go with their VPC.
    fn routes(&self) -> Vec<(&RouteTable, &Route)> {
        let gateways: BTreeSet<_> = self.look.internet_gateways.iter().map(|one| one.internet_gateway_id).collect();
        let instances: BTreeSet<_> = self.look.instances.iter().map(|one| one.instance_id).collect();
        let leads_here = |route: &Route| {
            let gateway = matches!(&route.gateway_id, Some(GatewayId::InternetGateway(id)) if gateways.contains(id));
            gateway || route.instance_id.is_some_and(|id| instances.contains(&id))
        };
        let mine = |table: &&RouteTable| self.look.vpcs.iter().any(|vpc| vpc.vpc_id == table.vpc_id);
        let tables = self.look.main_route_tables.iter().filter(mine);
        let routes = tables.flat_map(|table| table.routes.iter().map(move |route| (table, route)));
        routes.filter(|(_, route)| route.destination_cidr_block.is_some() && leads_here(route)).collect()
    }

    async fn delete_route(&self, table: &RouteTable, route: &Route) {
        let to = route.destination_cidr_block.map(|to| to.to_string()).unwrap_or_default();
        let thing = Thing { kind: Kind::Route, id: format!("{}/{to}", table.route_table_id), name: to };
        let call = self.stack.session.client().delete_route().route_table_id(table.route_table_id.to_string());
        let call = call.destination_cidr_block(&thing.name);
        self.delete(&thing, || call.clone().send()).await;
    }

    // Subnets, groups and VPCs.

    async fn delete_subnet(&self, subnet: &Subnet) {
        let thing = Thing::new(Kind::Subnet, subnet);
        let inside = self.look.instances.iter().filter(|one| one.subnet_id == Some(subnet.subnet_id));
        if let Some(left) = self.left_of(inside.map(|one| one.instance_id.to_string())) {
            return self.not_tried(&thing, left);
        }
        let call = self.stack.session.client().delete_subnet().subnet_id(&thing.id);
        self.delete(&thing, || call.clone().send()).await;
    }

    /// Revokes the rules that name other groups of the stack: a group that a rule names cannot be deleted.
    async fn revoke_references(&self, group: &SecurityGroup) {
        let others: BTreeSet<_> = self.look.security_groups.iter().map(|one| one.group_id).collect();
        let names_other = |rule: &Rule| match rule.peer() {
            Peer::SecurityGroup(id) => id != group.group_id && others.contains(&id),
            _ => false,
        };
        let Ok(rules) = rules_of(group) else { return };
        let rules: Vec<Rule> = rules.into_iter().filter(names_other).collect();
        let client = self.stack.session.client();
        let id = group.group_id.to_string();
        // A rule that stays shows up as what blocks the other group.
        let permissions = rules::permissions(Direction::Ingress, &rules);
        if !permissions.is_empty() {
            let call = client.revoke_security_group_ingress().group_id(&id).set_ip_permissions(Some(permissions));
            let _ = call.send().await;
        }
        let permissions = rules::permissions(Direction::Egress, &rules);
        if !permissions.is_empty() {
            let call = client.revoke_security_group_egress().group_id(&id).set_ip_permissions(Some(permissions));
            let _ = call.send().await;
        }
    }

    async fn delete_group(&self, group: &SecurityGroup) {
        let thing = Thing::new(Kind::SecurityGroup, group);
        let uses = |one: &&Instance| groups_of(one).contains(&group.group_id);
        let users = self.look.instances.iter().filter(uses);
        if let Some(left) = self.left_of(users.map(|one| one.instance_id.to_string())) {
            return self.not_tried(&thing, left);
        }
        let call = self.stack.session.client().delete_security_group().group_id(&thing.id);
        self.delete(&thing, || call.clone().send()).await;
    }

    async fn delete_vpc(&self, vpc: &Vpc) {
        let thing = Thing::new(Kind::Vpc, vpc);
        let subnets =
            self.look.subnets.iter().filter(|one| one.vpc_id == vpc.vpc_id).map(|one| one.subnet_id.to_string());
        let groups = self.look.security_groups.iter().filter(|one| one.vpc_id == vpc.vpc_id);
        let groups = groups.map(|one| one.group_id.to_string());
        let attached = |one: &&InternetGateway| one.attachments.iter().any(|to| to.vpc_id == vpc.vpc_id);
        let gateways =
            self.look.internet_gateways.iter().filter(attached).map(|one| one.internet_gateway_id.to_string());
        if let Some(left) = self.left_of(subnets.chain(groups).chain(gateways)) {
            return self.not_tried(&thing, left);
        }
        let call = self.stack.session.client().delete_vpc().vpc_id(&thing.id);
        self.delete(&thing, || call.clone().send()).await;
    }
}

/// Whether a refusal says that there is nothing left to do.
fn is_gone(error: &Error) -> bool {
    error.is_not_found() || error.code() == "Gateway.NotAttached"
}

fn blocked(thing: &Thing, found: Vec<InTheWay>) -> Blocked {
    Blocked {
        kind: thing.kind.noun(),
        name: thing.name.clone(),
        id: thing.id.clone(),
        by: found.into_iter().map(|one| one.blocker).collect(),
    }
}
