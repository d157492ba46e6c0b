//! What keeps a resource from being deleted. EC2 names the resource that cannot go, never what is in its way.

use std::net::Ipv4Addr;

use tokio::try_join;
use vpcrun_model::{NetworkInterface, NetworkInterfaceStatus, Resource, SecurityGroup};

use super::event::Blocker;
use super::kind::{Kind, STACK_TAG};
use super::look::is_of_stack;
use crate::describe::{self, filter};
use crate::{Error, Session};

/// Something in the way, and whether it goes by itself in a moment.
pub(super) struct InTheWay {
    pub(super) blocker: Blocker,
    pub(super) is_leaving: bool,
}

/// What is in the way of deleting (of a gateway: detaching) this resource of the stack.
pub(super) async fn of(session: &Session, stack: &str, kind: Kind, id: &str) -> Result<Vec<InTheWay>, Error> {
    let looker = Looker { session, stack };
    match kind {
        Kind::Subnet => looker.interfaces("subnet-id", id).await,
        Kind::SecurityGroup => looker.of_group(id).await,
        Kind::InternetGateway => looker.of_gateway(id).await,
        Kind::Vpc => looker.of_vpc(id).await,
        _ => Ok(Vec::new()),
    }
}

struct Looker<'a> {
    session: &'a Session,
    stack: &'a str,
}

impl Looker<'_> {
    async fn interfaces(&self, by: &str, id: &str) -> Result<Vec<InTheWay>, Error> {
        let found = describe::network_interfaces(self.session, vec![filter(by, [id])]).await?;
        self.judge(found).await
    }

    /// Interfaces have no tags of the stack; those of its instances are its own, and go with them.
    async fn judge(&self, interfaces: Vec<NetworkInterface>) -> Result<Vec<InTheWay>, Error> {
        let instance = |one: &NetworkInterface| one.attachment.as_ref().and_then(|attachment| attachment.instance_id);
        let ids: Vec<String> = interfaces.iter().filter_map(instance).map(|id| id.to_string()).collect();
        let instances = match ids.is_empty() {
            true => Vec::new(),
            false => describe::instances(self.session, vec![filter("instance-id", &ids)]).await?,
        };
        let judged = interfaces.iter().map(|interface| {
            let owner = instances.iter().find(|one| Some(one.instance_id) == instance(interface));
            let foreign = !owner.map_or_else(|| self.is_mine(interface), |owner| self.is_mine(owner));
            let is_leaving = interface.status == NetworkInterfaceStatus::Detaching
                || owner.is_some_and(|owner| owner.state.name.is_ending());
            InTheWay { blocker: interface_blocker(interface, foreign), is_leaving }
        });
        Ok(judged.collect())
    }

    async fn of_group(&self, id: &str) -> Result<Vec<InTheWay>, Error> {
        let (mut found, ingress, egress) = try_join!(
            self.interfaces("group-id", id),
            describe::security_groups(self.session, vec![filter("ip-permission.group-id", [id])]),
            describe::security_groups(self.session, vec![filter("egress.ip-permission.group-id", [id])]),
        )?;
        let mut groups: Vec<SecurityGroup> = ingress;
        groups.extend(egress);
        groups.retain(|group| group.group_id.to_string() != id);
        groups.sort_by_key(|group| group.group_id);
        groups.dedup_by_key(|group| group.group_id);
        found.extend(groups.iter().map(|group| self.staying(group, "has a rule that names it".into())));
        Ok(found)
    }

    /// Mapped public addresses in the VPC.
    async fn of_gateway(&self, id: &str) -> Result<Vec<InTheWay>, Error> {
        let gateways = describe::internet_gateways(self.session, vec![filter("internet-gateway-id", [id])]).await?;
        let vpcs: Vec<String> =
            gateways.iter().flat_map(|gateway| &gateway.attachments).map(|one| one.vpc_id.to_string()).collect();
        if vpcs.is_empty() {
            return Ok(Vec::new());
        }
        let mut interfaces = describe::network_interfaces(self.session, vec![filter("vpc-id", vpcs)]).await?;
        interfaces.retain(|interface| public_address(interface).is_some());
        self.judge(interfaces).await
    }

    async fn of_vpc(&self, id: &str) -> Result<Vec<InTheWay>, Error> {
        let in_vpc = || vec![filter("vpc-id", [id])];
        let (subnets, gateways, groups, tables, acls) = try_join!(
            describe::subnets(self.session, in_vpc()),
            describe::internet_gateways(self.session, vec![filter("attachment.vpc-id", [id])]),
            describe::security_groups(self.session, in_vpc()),
            describe::route_tables(self.session, in_vpc()),
            describe::network_acls(self.session, in_vpc()),
        )?;
        let cidr = |cidr: Option<ipnet::Ipv4Net>| cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
        let mut found: Vec<InTheWay> = subnets.iter().map(|one| self.staying(one, cidr(one.cidr_block))).collect();
        found.extend(gateways.iter().map(|one| self.staying(one, String::new())));
        let groups = groups.iter().filter(|one| one.group_name != "default");
        found.extend(groups.map(|one| self.staying(one, one.group_name.clone())));
        found.extend(tables.iter().filter(|one| !one.is_main()).map(|one| self.staying(one, String::new())));
        found.extend(acls.iter().filter(|one| !one.is_default).map(|one| self.staying(one, String::new())));
        Ok(found)
    }

    fn is_mine(&self, resource: &impl Resource) -> bool {
        is_of_stack(resource.tags(), self.stack)
    }

    fn staying(&self, resource: &impl Resource, detail: String) -> InTheWay {
        let blocker = Blocker {
            kind: resource.id().noun(),
            id: resource.id().to_string(),
            name: resource.name().unwrap_or_default().to_owned(),
            detail,
            foreign: !self.is_mine(resource),
        };
        InTheWay { blocker, is_leaving: false }
    }
}

fn public_address(interface: &NetworkInterface) -> Option<Ipv4Addr> {
    let others = interface.private_ip_addresses.iter().filter_map(|address| address.association.as_ref());
    interface.association.iter().chain(others).map(|association| association.public_ip).next()
}

fn interface_blocker(interface: &NetworkInterface, foreign: bool) -> Blocker {
    let instance = interface.attachment.as_ref().and_then(|attachment| attachment.instance_id);
    let parts = [
        (!interface.description.is_empty()).then(|| format!("{:?}", interface.description)),
        interface.private_ip_address.map(|address| address.to_string()),
        public_address(interface).map(|address| address.to_string()),
        instance.map(|id| format!("of instance {id}")),
        interface.tag(STACK_TAG).map(|stack| format!("of stack {stack:?}")),
    ];
    Blocker {
        kind: interface.id().noun(),
        id: interface.network_interface_id.to_string(),
        name: interface.name().unwrap_or_default().to_owned(),
        detail: parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        foreign,
    }
}
