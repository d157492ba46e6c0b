//! One module for each family of resources: what the state holds of them, and their actions.

pub(crate) mod account;
pub(crate) mod address;
pub(crate) mod carrier_gateway;
pub(crate) mod customer_gateway;
pub(crate) mod dhcp_options;
pub(crate) mod egress_only_internet_gateway;
pub(crate) mod flow_log;
pub(crate) mod image;
pub(crate) mod instance;
pub(crate) mod instance_type;
pub(crate) mod internet_gateway;
pub(crate) mod key_pair;
pub(crate) mod launch_template;
pub(crate) mod nat_gateway;
pub(crate) mod network_acl;
pub(crate) mod network_interface;
pub(crate) mod placement_group;
pub(crate) mod prefix_list;
pub(crate) mod route_table;
pub(crate) mod security_group;
pub(crate) mod subnet;
pub(crate) mod tag;
pub(crate) mod volume;
pub(crate) mod vpc;
pub(crate) mod vpc_endpoint;
pub(crate) mod vpc_peering_connection;
pub(crate) mod vpn_gateway;
pub(crate) mod zone;

use crate::action::{Context, Entry};
use crate::state::advance;

/// The actions of all families.
pub(crate) const ACTIONS: &[&[Entry]] = &[
    account::ACTIONS,
    address::ACTIONS,
    carrier_gateway::ACTIONS,
    customer_gateway::ACTIONS,
    dhcp_options::ACTIONS,
    egress_only_internet_gateway::ACTIONS,
    flow_log::ACTIONS,
    image::ACTIONS,
    instance::ACTIONS,
    instance_type::ACTIONS,
    internet_gateway::ACTIONS,
    key_pair::ACTIONS,
    launch_template::ACTIONS,
    nat_gateway::ACTIONS,
    network_acl::ACTIONS,
    network_interface::ACTIONS,
    placement_group::ACTIONS,
    prefix_list::ACTIONS,
    route_table::ACTIONS,
    security_group::ACTIONS,
    subnet::ACTIONS,
    tag::ACTIONS,
    volume::ACTIONS,
    vpc::ACTIONS,
    vpc_endpoint::ACTIONS,
    vpc_peering_connection::ACTIONS,
    vpn_gateway::ACTIONS,
    zone::ACTIONS,
];

/// Carries out what was due up to now: time passes between requests, not beside them.
pub(crate) fn settle(cx: &mut Context<'_>) {
    while let Some((at, id)) = cx.region.next_due(cx.now) {
        advance(cx, id, at);
        // What does not move on is not asked for ever.
        if cx.region.next_due(cx.now) == Some((at, id)) {
            break;
        }
    }
}
