//! The one look: the stack's resources of all kinds, described side by side in one round trip.

use aws_sdk_ec2::types::Filter;
use tokio::try_join;
use vpcrun_model::{
    Address, Instance, InternetGateway, KeyPairInfo, Resource, RouteTable, SecurityGroup, Subnet, Tag, Vpc,
};

use super::kind::{KEY_TAG, Kind, STACK_TAG};
use crate::describe::{self, filter};
use crate::{Error, Session};

/// States of an instance that counts as existing.
pub(super) const LIVE: [&str; 4] = ["pending", "running", "stopping", "stopped"];

/// What the account holds of a stack.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) vpcs: Vec<Vpc>,
    pub(super) internet_gateways: Vec<InternetGateway>,
    pub(super) subnets: Vec<Subnet>,
    /// The main route tables of the region: EC2 makes them untagged, and the stack's VPCs are not known yet when asking.
    pub(super) main_route_tables: Vec<RouteTable>,
    pub(super) security_groups: Vec<SecurityGroup>,
    pub(super) key_pairs: Vec<KeyPairInfo>,
    /// Live ones only.
    pub(super) instances: Vec<Instance>,
    pub(super) addresses: Vec<Address>,
}

impl Look {
    /// Describes the stack: eight calls side by side.
    pub(super) async fn at(session: &Session, stack: &str) -> Result<Self, Error> {
        let mine = || vec![of_stack(stack)];
        let (vpcs, internet_gateways, subnets, main_route_tables, security_groups, key_pairs, instances, addresses) = try_join!(
            describe::vpcs(session, mine()),
            describe::internet_gateways(session, mine()),
            describe::subnets(session, mine()),
            describe::route_tables(session, vec![filter("association.main", ["true"])]),
            describe::security_groups(session, mine()),
            describe::key_pairs(session, mine()),
            describe::instances(session, vec![of_stack(stack), filter("instance-state-name", LIVE)]),
            describe::addresses(session, mine()),
        )?;
        Ok(Self {
            vpcs,
            internet_gateways,
            subnets,
            main_route_tables,
            security_groups,
            key_pairs,
            instances,
            addresses,
        })
    }
}

/// Matches what carries the stack's tag.
pub(super) fn of_stack(stack: &str) -> Filter {
    filter(&format!("tag:{STACK_TAG}"), [stack])
}

/// The one resource among `found` that the declaration of this kind and name made.
pub(super) fn find<'a, T: Resource>(found: &'a [T], kind: Kind, name: &str) -> Result<Option<&'a T>, Error> {
    let key = kind.key(name);
    let mut matches = found.iter().filter(|one| one.tag(KEY_TAG) == Some(&key));
    let first = matches.next();
    let rest: Vec<String> = matches.map(|one| one.id().to_string()).collect();
    match (first, rest.is_empty()) {
        (Some(first), false) => {
            let ids = std::iter::once(first.id().to_string()).chain(rest).collect();
            Err(Error::Ambiguous { kind: kind.noun(), name: name.to_owned(), ids })
        }
        (first, _) => Ok(first),
    }
}

/// Whether a resource with these tags is of the stack.
pub(super) fn is_of_stack(tags: &[Tag], stack: &str) -> bool {
    tags.iter().any(|tag| tag.key == STACK_TAG && tag.value == stack)
}
