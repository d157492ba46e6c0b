//! Where an endpoint is: the route tables of a gateway endpoint, the subnets, groups and names of an interface endpoint.

use serde::Deserialize;
use vpcrun_model::{PrefixListId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};

use super::service::{Service, ServiceType};
use super::{InterfaceEndpoint, VpcEndpoint, invalid_parameter, malformed};
use crate::action::Context;
use crate::error::Refusal;
use crate::family::network_interface::{AddressRequest, create_managed, other_network};
use crate::family::route_table::{RouteDestination, RouteTable, RouteTarget};
use crate::family::security_group::checked_groups;
use crate::family::subnet::Subnet;
use crate::family::vpc::Vpc;
use crate::state::Resource;

/// The route tables of these ids: of the VPC, and without a route to the service's addresses.
///
/// # Errors
/// `InvalidRouteTableId`, `InvalidParameter` for a table of another VPC, `RouteAlreadyExists`.
pub(super) fn checked_route_tables(
    cx: &Context<'_>,
    vpc: VpcId,
    list: PrefixListId,
    ids: &[String],
) -> Result<Vec<RouteTableId>, Refusal> {
    let mut tables = Vec::with_capacity(ids.len());
    for text in ids {
        let table = find_route_table(cx, text)?;
        let id = table.id();
        if table.vpc_id() != vpc {
            return Err(invalid_parameter(format!("Route table {id} does not belong to VPC {vpc}.")));
        }
        if table.destinations().any(|destination| destination == RouteDestination::PrefixList(list)) {
            let message = format!("route table {id} already has a route with destination-prefix-list-id {list}");
            return Err(Refusal::new("RouteAlreadyExists", message));
        }
        if !tables.contains(&id) {
            tables.push(id);
        }
    }
    Ok(tables)
}

pub(super) fn find_route_table<'c>(cx: &'c Context<'_>, text: &str) -> Result<&'c RouteTable, Refusal> {
    let id: RouteTableId =
        text.parse().map_err(|_| malformed("InvalidRouteTableId.Malformed", "Route Table Id", text, "rtb"))?;
    let missing = || Refusal::new("InvalidRouteTableId.NotFound", format!("The routeTable ID '{text}' does not exist"));
    cx.region.get(id).ok_or_else(missing)
}

/// Puts the route to a gateway endpoint into tables.
pub(super) fn add_routes(cx: &mut Context<'_>, endpoint: VpcEndpointId, list: PrefixListId, tables: &[RouteTableId]) {
    for table in tables {
        cx.region.update(*table, |table: &mut RouteTable| table.add_route(list, RouteTarget::VpcEndpoint(endpoint)));
    }
}

/// Takes the route to a gateway endpoint out of tables.
pub(super) fn remove_routes(cx: &mut Context<'_>, endpoint: VpcEndpointId, tables: &[RouteTableId]) {
    for table in tables {
        cx.region.update(*table, |table: &mut RouteTable| table.remove_routes_to(RouteTarget::VpcEndpoint(endpoint)));
    }
}

/// Which address an endpoint's interface is to have in a subnet.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SubnetConfiguration {
    pub(super) subnet_id: Option<String>,
    pub(super) ipv4: Option<String>,
    pub(super) ipv6: Option<String>,
}

/// A subnet to put an interface into.
pub(super) struct Placement {
    pub(super) subnet_id: SubnetId,
    addresses: AddressRequest,
}

/// The subnets that a request names in its list or its configurations.
///
/// # Errors
/// `MissingParameter` for a configuration of no subnet, `InvalidParameter` for an IPv6 address.
pub(super) fn named_subnets(ids: &[String], configurations: &[SubnetConfiguration]) -> Result<Vec<String>, Refusal> {
    let mut named: Vec<String> = Vec::new();
    let configured = configurations.iter().map(|configuration| {
        if configuration.ipv6.is_some() {
            return Err(invalid_parameter(
                "An IPv6 address cannot be specified for an endpoint with the IP address type ipv4.",
            ));
        }
        configuration.subnet_id.clone().ok_or_else(|| Refusal::missing_parameter("subnetId"))
    });
    for id in ids.iter().cloned().map(Ok).chain(configured) {
        let id = id?;
        if !named.contains(&id) {
            named.push(id);
        }
    }
    Ok(named)
}

/// The subnets of these ids: of the VPC, each in a zone of its own. `taken` are those where the endpoint is already.
///
/// # Errors
/// `InvalidSubnetId`, `InvalidParameter` for a subnet of another VPC, `DuplicateSubnetsInSameZone`, or an address of a configuration
/// that is none.
pub(super) fn checked_subnets(
    cx: &Context<'_>,
    vpc: VpcId,
    ids: &[String],
    configurations: &[SubnetConfiguration],
    taken: &[SubnetId],
) -> Result<Vec<Placement>, Refusal> {
    let zone_of = |id: &SubnetId| cx.region.get::<Subnet>(*id).map(|subnet| subnet.availability_zone.clone());
    let mut zones: Vec<String> = taken.iter().filter_map(zone_of).collect();
    let mut placements = Vec::with_capacity(ids.len());
    for text in ids {
        let subnet = find_subnet(cx, text)?;
        if subnet.vpc_id != vpc {
            return Err(invalid_parameter(format!("Subnet {} does not belong to VPC {vpc}.", subnet.id)));
        }
        if zones.contains(&subnet.availability_zone) {
            let message = format!(
                "Found another VPC endpoint subnet in the availability zone of {}. VPC endpoint subnets should be in \
                 different availability zones supported by the VPC endpoint service.",
                subnet.id
            );
            return Err(Refusal::new("DuplicateSubnetsInSameZone", message));
        }
        zones.push(subnet.availability_zone.clone());
        let configuration = configurations.iter().find(|configuration| configuration.subnet_id.as_ref() == Some(text));
        let address = configuration.and_then(|configuration| configuration.ipv4.as_deref());
        placements.push(Placement { subnet_id: subnet.id, addresses: AddressRequest::read(address, &[], None)? });
    }
    Ok(placements)
}

pub(super) fn find_subnet<'c>(cx: &'c Context<'_>, text: &str) -> Result<&'c Subnet, Refusal> {
    let id: SubnetId = text.parse().map_err(|_| malformed("InvalidSubnetId.Malformed", "Subnet Id", text, "subnet"))?;
    let missing = || Refusal::new("InvalidSubnetId.NotFound", format!("The subnet ID '{text}' does not exist"));
    cx.region.get(id).ok_or_else(missing)
}

/// Puts an interface of the endpoint into each subnet.
///
/// # Errors
/// A subnet that is full, or an address that it does not have to give.
pub(super) fn add_interfaces(
    cx: &mut Context<'_>,
    endpoint: VpcEndpointId,
    groups: &[SecurityGroupId],
    placements: Vec<Placement>,
) -> Result<(), Refusal> {
    for Placement { subnet_id, addresses } in placements {
        create_managed(cx, endpoint, subnet_id, groups.to_vec(), addresses)?;
    }
    Ok(())
}

/// The groups of these ids, the VPC's default group for none.
pub(super) fn groups(cx: &Context<'_>, vpc: VpcId, ids: &[String]) -> Result<Vec<SecurityGroupId>, Refusal> {
    checked_groups(cx, ids, vpc, |_| other_network())
}

/// # Errors
/// `InvalidParameter` where the service's private names cannot lead to an endpoint in the VPC. `itself` is the endpoint that asks,
/// if it is there already.
pub(super) fn check_private_dns(
    cx: &Context<'_>,
    vpc: &Vpc,
    service: &Service,
    itself: Option<VpcEndpointId>,
) -> Result<(), Refusal> {
    let names = service.private_dns_names(cx.region_name);
    let name = service.name(cx.region_name);
    let Some(first) = names.first() else {
        return Err(invalid_parameter(format!(
            "Private DNS can't be enabled because the service {name} does not provide a private DNS name."
        )));
    };
    if !vpc.enable_dns_support || !vpc.enable_dns_hostnames {
        return Err(invalid_parameter(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.id
        )));
    }
    let holds = |other: &VpcEndpoint| {
        let private = other.interface().is_some_and(|interface| interface.private_dns_enabled);
        private && other.service_name == name && Some(other.id) != itself
    };
    if cx.region.referrers::<VpcEndpoint>(vpc.id).any(holds) {
        return Err(invalid_parameter(format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {first} in the VPC {}",
            vpc.id
        )));
    }
    Ok(())
}

/// # Errors
/// `InvalidParameter` where the private names are for resolvers outside alone, and nothing is there for those inside.
pub(super) fn check_inbound_only(
    cx: &Context<'_>,
    vpc: VpcId,
    service: &Service,
    interface: &InterfaceEndpoint,
) -> Result<(), Refusal> {
    let wanted = interface.private_dns_enabled
        && service.offers(ServiceType::Gateway)
        && interface.private_dns_only_for_inbound_resolver_endpoint == Some(true);
    let name = service.name(cx.region_name);
    let is_gateway =
        |other: &VpcEndpoint| other.interface().is_none() && other.is_alive() && other.service_name == name;
    if wanted && !cx.region.referrers::<VpcEndpoint>(vpc).any(is_gateway) {
        return Err(invalid_parameter(format!(
            "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {vpc} must have a Gateway endpoint for the \
             service."
        )));
    }
    Ok(())
}
