//! Reads a region's resources into a [`Network`].

use std::collections::BTreeMap;

use tokio::try_join;
use vpcrun_model::{AvailabilityZone, Network};

use crate::describe::{self, filter};
use crate::session::Target;
use crate::{Error, Session};

/// EC2 shows a terminated instance for about an hour; it has no address and no interface, and is no part of the network.
const NOT_TERMINATED: [&str; 5] = ["pending", "running", "shutting-down", "stopping", "stopped"];

/// Describes everything in the session's region that a [`Network`] holds, all kinds side by side, all pages of each. It
/// holds no images, of which there are very many, and no terminated instances.
///
/// The calls see the account at slightly different moments: a change meanwhile may show in one kind and not in another.
///
/// # Errors
/// When one of the calls is refused or fails.
pub async fn capture(session: &Session) -> Result<Network, Error> {
    let all = Vec::new;
    let (
        vpcs,
        subnets,
        internet_gateways,
        route_tables,
        security_groups,
        rules,
        network_acls,
        network_interfaces,
        instances,
        addresses,
        key_pairs,
        dhcp_options,
        zones,
    ) = try_join!(
        describe::vpcs(session, all()),
        describe::subnets(session, all()),
        describe::internet_gateways(session, all()),
        describe::route_tables(session, all()),
        describe::security_groups(session, all()),
        describe::security_group_rules(session, all()),
        describe::network_acls(session, all()),
        describe::network_interfaces(session, all()),
        describe::instances(session, vec![filter("instance-state-name", NOT_TERMINATED)]),
        describe::addresses(session, all()),
        describe::key_pairs(session, all()),
        describe::dhcp_options(session, all()),
        describe::availability_zones(session),
    )?;
    let account_id = match session.target() {
        Target::Aws { account, .. } => Some(account.clone()),
        Target::Local { .. } | Target::Endpoint { .. } => vpcs.iter().find_map(|vpc| vpc.owner_id.clone()),
    };
    Ok(Network {
        region: session.region().to_owned(),
        account_id,
        vpcs: by(vpcs, |one| one.vpc_id),
        subnets: by(subnets, |one| one.subnet_id),
        internet_gateways: by(internet_gateways, |one| one.internet_gateway_id),
        route_tables: by(route_tables, |one| one.route_table_id),
        security_groups: by(security_groups, |one| one.group_id),
        security_group_rules: by(rules, |one| one.security_group_rule_id),
        network_acls: by(network_acls, |one| one.network_acl_id),
        network_interfaces: by(network_interfaces, |one| one.network_interface_id),
        instances: by(instances, |one| one.instance_id),
        addresses: by(addresses, |one| one.allocation_id),
        key_pairs: by(key_pairs, |one| one.key_pair_id),
        dhcp_options: by(dhcp_options, |one| one.dhcp_options_id),
        images: BTreeMap::new(),
        availability_zones: by(zones, |one| one.zone_name.clone()),
    })
}

/// The Availability Zones that the account can use in the session's region, by name.
///
/// # Errors
/// When the call is refused or fails.
pub async fn availability_zones(session: &Session) -> Result<Vec<AvailabilityZone>, Error> {
    let mut zones = describe::availability_zones(session).await?;
    zones.sort_by(|one, other| one.zone_name.cmp(&other.zone_name));
    Ok(zones)
}

fn by<K: Ord, R>(list: Vec<R>, key: impl Fn(&R) -> K) -> BTreeMap<K, R> {
    list.into_iter().map(|one| (key(&one), one)).collect()
}
