//! Which routes a table can have: by the kind of target, and in a table that is associated with a gateway.
//!
//! Source: "Route table concepts", "Gateway route tables" and "Routing to a middlebox appliance" in the Amazon VPC User Guide, and
//! refusals quoted in public.

use ipnet::Ipv6Net;

use super::{RouteDestination, RouteTable, RouteTarget};
use crate::action::Context;
use crate::error::Refusal;
use crate::family::subnet::Subnet;

/// # Errors
/// A target that cannot take packets to the destination, or that the table cannot have.
pub(super) fn check(
    cx: &Context<'_>,
    table: &RouteTable,
    destination: RouteDestination,
    target: RouteTarget,
) -> Result<(), Refusal> {
    check_address_family(destination, target)?;
    check_inside_vpc(cx, table, destination, target)?;
    if table.is_at_edge() { check_at_edge(table, destination, target) } else { Ok(()) }
}

/// Egress-only internet gateways are for IPv6; NAT gateways, carrier gateways for IPv4. (A NAT gateway takes the IPv6 addresses
/// that stand for IPv4 ones.)
fn check_address_family(destination: RouteDestination, target: RouteTarget) -> Result<(), Refusal> {
    let refuse = |family: &str, noun: &str| {
        Err(Refusal::invalid_parameter_value(format!(
            "The destination CIDR block {destination} is not an {family} CIDR block. Routes to {noun} must have {family} \
             destinations."
        )))
    };
    match (destination, target) {
        (RouteDestination::Ipv4(_), RouteTarget::EgressOnlyInternetGateway(_)) => {
            refuse("IPv6", "egress-only internet gateways")
        }
        (RouteDestination::Ipv6(block), RouteTarget::NatGateway(_)) if !is_nat64(block) => {
            refuse("IPv4", "NAT gateways")
        }
        (RouteDestination::Ipv6(_), RouteTarget::CarrierGateway(_)) => refuse("IPv4", "carrier gateways"),
        _ => Ok(()),
    }
}

/// Whether all of the block is in 64:ff9b::/96, where IPv4 addresses have an IPv6 form.
fn is_nat64(block: Ipv6Net) -> bool {
    let [a, b, c, d, e, f, ..] = block.network().segments();
    block.prefix_len() >= 96 && [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0]
}

/// Traffic inside the VPC can be led through an interface or a NAT gateway, for whole subnets, but not out by a gateway.
fn check_inside_vpc(
    cx: &Context<'_>,
    table: &RouteTable,
    destination: RouteDestination,
    target: RouteTarget,
) -> Result<(), Refusal> {
    let is_inside = table.local_blocks().any(|block| block.contains(&destination));
    if !is_inside || target == RouteTarget::Local {
        return Ok(());
    }
    if !matches!(target, RouteTarget::NetworkInterface(_) | RouteTarget::NatGateway(_)) {
        return Err(Refusal::invalid_parameter_value(format!(
            "The destination CIDR block {destination} is equal to or more specific than one of this VPC's CIDR blocks. \
             This route can target only an interface or an instance."
        )));
    }
    let is_whole = table.local_blocks().any(|block| block == destination)
        || cx.region.referrers::<Subnet>(table.vpc_id).any(|subnet| is_block_of(subnet, destination));
    if !is_whole {
        return Err(Refusal::invalid_parameter_value(format!(
            "The destination CIDR block {destination} is more specific than one of this VPC's CIDR blocks, but does not match \
             the CIDR block of a subnet."
        )));
    }
    Ok(())
}

fn is_block_of(subnet: &Subnet, destination: RouteDestination) -> bool {
    match destination {
        RouteDestination::Ipv4(block) => subnet.cidr_block == Some(block),
        RouteDestination::Ipv6(block) => subnet.ipv6_cidr_block() == Some(block),
        RouteDestination::PrefixList(_) => false,
    }
}

/// What comes in by a gateway can go on inside the VPC, at most through an interface.
fn check_at_edge(table: &RouteTable, destination: RouteDestination, target: RouteTarget) -> Result<(), Refusal> {
    if !matches!(target, RouteTarget::Local | RouteTarget::NetworkInterface(_)) {
        let message = "Route target is not supported. This route only supports interface and instance targets.";
        return Err(Refusal::invalid_parameter_value(message));
    }
    if !table.local_blocks().any(|block| block.contains(&destination)) {
        return Err(unsupported_destination());
    }
    Ok(())
}

fn unsupported_destination() -> Refusal {
    let message = "Route table contains unsupported route destination. The unsupported route destination is less specific \
                   than VPC local CIDR.";
    Refusal::new("RouteNotSupported", message.to_owned())
}

/// # Errors
/// A route of the table that a gateway cannot follow, or routes that a virtual private gateway propagates.
pub(super) fn check_for_edge(table: &RouteTable) -> Result<(), Refusal> {
    if !table.propagating_vgws.is_empty() {
        let message = format!("route table {} has route propagation enabled", table.id);
        return Err(Refusal::invalid_parameter_value(message));
    }
    for route in &table.routes {
        if !table.local_blocks().any(|block| block.contains(&route.destination)) {
            return Err(unsupported_destination());
        }
        if !matches!(route.target, RouteTarget::Local | RouteTarget::NetworkInterface(_)) {
            let message = "Route table contains unsupported route target.".to_owned();
            return Err(Refusal::new("RouteNotSupported", message));
        }
    }
    Ok(())
}
