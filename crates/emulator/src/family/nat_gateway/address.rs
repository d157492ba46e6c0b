//! AssociateNatGatewayAddress, DisassociateNatGatewayAddress (public gateways), AssignPrivateNatGatewayAddress,
//! UnassignPrivateNatGatewayAddress (private ones): secondary addresses. The primary one stays as long as the gateway.

use serde::{Deserialize, Serialize};
use vpcrun_model::{NatGatewayId, NetworkInterfaceId};

use super::create::{associate, checked_count, elastic_ips, invalid_parameter};
use super::describe::AddressItem;
use super::lifecycle::is_associated;
use super::{AddressStatus, ConnectivityType, NatGateway, NatGatewayAddress, NatGatewayState, find};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::network_interface::{NetworkInterface, choose_more};
use crate::family::subnet::Subnet;
use crate::wire::Items;

/// A gateway has one primary address and seven more. Source: "NAT gateways" in "Amazon VPC quotas".
const MAX_ADDRESSES: usize = 8;

/// How long connections drain when a request does not say. Source: DisassociateNatGatewayAddress.
const DEFAULT_DRAIN_SECONDS: i64 = 350;

/// The answer of all four actions.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    nat_gateway_id: NatGatewayId,
    nat_gateway_address_set: Items<AddressItem>,
}

/// The gateway, which has to be available, of this kind, and not busy with draining addresses.
fn changeable<'c>(cx: &'c Context<'_>, id: &str, kind: ConnectivityType) -> Result<&'c NatGateway, Refusal> {
    let gateway = find(cx, id)?;
    if gateway.connectivity_type != kind {
        let kind = if kind == ConnectivityType::Public { "public" } else { "private" };
        return Err(invalid_parameter(format!("NAT gateway {} is not a {kind} NAT gateway.", gateway.id)));
    }
    let state = gateway.state.name();
    if gateway.state != NatGatewayState::Available {
        let message = format!("NAT gateway {} is in the {state} state. It must be in the available state.", gateway.id);
        return Err(Refusal::new("IncorrectState", message));
    }
    if gateway.addresses.iter().any(|address| address.status.is_leaving()) {
        let message = format!("NAT gateway {} has addresses that are being drained. Try again later.", gateway.id);
        return Err(Refusal::new("IncorrectState", message));
    }
    Ok(gateway)
}

fn check_limit(gateway: &NatGateway, more: usize) -> Result<(), Refusal> {
    if gateway.addresses.len() + more <= MAX_ADDRESSES {
        return Ok(());
    }
    let message =
        format!("Performing this operation would exceed the limit of {MAX_ADDRESSES} addresses per NAT gateway");
    Err(Refusal::new("PrivateIpAddressLimitExceeded", message))
}

/// Gives the gateway's interface more private addresses: those named, and `count` that are free.
fn give_private(
    cx: &mut Context<'_>,
    gateway: NatGatewayId,
    named: &[String],
    count: usize,
    status: AddressStatus,
) -> Result<Vec<NatGatewayAddress>, Refusal> {
    let missing = || Refusal::internal(format!("NAT gateway {gateway} has no network interface"));
    let interface = cx.region.referrers::<NetworkInterface>(gateway).next().ok_or_else(missing)?;
    let id: NetworkInterfaceId = interface.id;
    let subnet = cx.region.get::<Subnet>(interface.subnet_id).ok_or_else(missing)?;
    let chosen = choose_more(&cx.region, subnet, named, count)?;
    let due = cx.end_of(Transition::ChangeNatGatewayAddress);
    let given = chosen.iter().map(|private| NatGatewayAddress {
        allocation_id: None,
        association_id: None,
        network_interface_id: Some(id),
        private_ip: Some(private.address),
        public_ip: None,
        status,
        due: Some(due),
    });
    let given = given.collect();
    cx.region.update(id, |interface: &mut NetworkInterface| interface.secondaries.extend(chosen));
    Ok(given)
}

fn add(cx: &mut Context<'_>, id: NatGatewayId, given: Vec<NatGatewayAddress>) -> Changed {
    let nat_gateway_address_set = given.iter().map(|address| AddressItem::requested(address, false)).collect();
    cx.region.update(id, |gateway: &mut NatGateway| gateway.addresses.extend(given));
    Changed { nat_gateway_id: id, nat_gateway_address_set }
}

/// AssociateNatGatewayAddress: more Elastic IP addresses for a public gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateNatGatewayAddress {
    #[serde(rename = "AllocationId", default)]
    allocation_ids: Vec<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    nat_gateway_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
}

impl Action for AssociateNatGatewayAddress {
    type Response = Changed;

    fn run(self, cx: &mut Context<'_>) -> Result<Changed, Refusal> {
        if self.allocation_ids.is_empty() {
            return Err(Refusal::missing_parameter("AllocationId"));
        }
        if self.availability_zone.is_some() || self.availability_zone_id.is_some() {
            return Err(invalid_parameter("An Availability Zone can only be specified for a regional NAT gateway."));
        }
        if self.private_ip_addresses.len() > self.allocation_ids.len() {
            return Err(invalid_parameter("Each private IP address must have an allocation ID."));
        }
        let gateway = changeable(cx, &self.nat_gateway_id, ConnectivityType::Public)?;
        let id = gateway.id;
        let allocations = elastic_ips(cx, &self.allocation_ids)?;
        check_limit(gateway, allocations.len())?;
        if let Some(taken) = allocations.iter().find(|allocation| is_associated(cx, **allocation)) {
            let message = format!("Elastic IP address {taken} is already associated");
            return Err(Refusal::new("Resource.AlreadyAssociated", message));
        }
        let free = allocations.len() - self.private_ip_addresses.len();
        let mut given = give_private(cx, id, &self.private_ip_addresses, free, AddressStatus::Associating)?;
        for (address, allocation) in given.iter_mut().zip(allocations) {
            address.allocation_id = Some(allocation);
            associate(cx, address);
        }
        Ok(add(cx, id, given))
    }
}

/// AssignPrivateNatGatewayAddress: more private addresses for a private gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssignPrivateNatGatewayAddress {
    nat_gateway_id: String,
    private_ip_address_count: Option<i64>,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
}

impl Action for AssignPrivateNatGatewayAddress {
    type Response = Changed;

    fn run(self, cx: &mut Context<'_>) -> Result<Changed, Refusal> {
        let count = checked_count(self.private_ip_address_count, "privateIpAddressCount")?;
        let named = self.private_ip_addresses.len();
        if count > 0 && named > 0 {
            return Err(Refusal::invalid_parameter_combination(
                "PrivateIpAddresses and PrivateIpAddressCount cannot be specified together.",
            ));
        }
        if count + named == 0 {
            let message = "Either PrivateIpAddresses or PrivateIpAddressCount must be specified.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        }
        let gateway = changeable(cx, &self.nat_gateway_id, ConnectivityType::Private)?;
        check_limit(gateway, count + named)?;
        let id = gateway.id;
        let given = give_private(cx, id, &self.private_ip_addresses, count, AddressStatus::Assigning)?;
        Ok(add(cx, id, given))
    }
}

/// Lets the addresses that `leaves` picks go, once their connections have drained.
fn drain(
    cx: &mut Context<'_>,
    id: NatGatewayId,
    seconds: Option<i64>,
    status: AddressStatus,
    leaves: impl Fn(&NatGatewayAddress) -> bool,
) -> Result<Changed, Refusal> {
    let seconds = seconds.unwrap_or(DEFAULT_DRAIN_SECONDS);
    let Some(drain) = u16::try_from(seconds).ok().filter(|seconds| (1..=4_000).contains(seconds)) else {
        return Err(Refusal::invalid_parameter_value(format!(
            "Value ({seconds}) for parameter maxDrainDurationSeconds is invalid. Expecting a value between 1 and 4000."
        )));
    };
    let due = cx.end_of(Transition::DrainNatGatewayAddress { seconds: drain });
    let mut leaving = Vec::new();
    cx.region.update(id, |gateway: &mut NatGateway| {
        for address in gateway.addresses.iter_mut().filter(|address| leaves(address)) {
            (address.status, address.due) = (status, Some(due));
            leaving.push(AddressItem::new(address, false));
        }
    });
    Ok(Changed { nat_gateway_id: id, nat_gateway_address_set: leaving.into() })
}

/// DisassociateNatGatewayAddress: secondary Elastic IP addresses and their private ones leave a public gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateNatGatewayAddress {
    #[serde(rename = "AssociationId", default)]
    association_ids: Vec<String>,
    max_drain_duration_seconds: Option<i64>,
    nat_gateway_id: String,
}

impl Action for DisassociateNatGatewayAddress {
    type Response = Changed;

    fn run(self, cx: &mut Context<'_>) -> Result<Changed, Refusal> {
        if self.association_ids.is_empty() {
            return Err(Refusal::missing_parameter("AssociationId"));
        }
        let gateway = changeable(cx, &self.nat_gateway_id, ConnectivityType::Public)?;
        let id = gateway.id;
        let text = |address: &NatGatewayAddress| address.association_id.map(|id| id.to_string());
        for wanted in &self.association_ids {
            match gateway.addresses.iter().position(|address| text(address).as_ref() == Some(wanted)) {
                Some(0) => return Err(invalid_parameter("The primary Elastic IP address cannot be disassociated.")),
                Some(_) => {}
                None => {
                    let message = format!("The association ID '{wanted}' does not exist");
                    return Err(Refusal::new("InvalidAssociationID.NotFound", message));
                }
            }
        }
        let leaves = |address: &NatGatewayAddress| text(address).is_some_and(|id| self.association_ids.contains(&id));
        drain(cx, id, self.max_drain_duration_seconds, AddressStatus::Disassociating, leaves)
    }
}

/// UnassignPrivateNatGatewayAddress: secondary addresses leave a private gateway.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct UnassignPrivateNatGatewayAddress {
    max_drain_duration_seconds: Option<i64>,
    nat_gateway_id: String,
    #[serde(rename = "PrivateIpAddress", default)]
    private_ip_addresses: Vec<String>,
}

impl Action for UnassignPrivateNatGatewayAddress {
    type Response = Changed;

    fn run(self, cx: &mut Context<'_>) -> Result<Changed, Refusal> {
        if self.private_ip_addresses.is_empty() {
            return Err(Refusal::missing_parameter("PrivateIpAddress"));
        }
        let gateway = changeable(cx, &self.nat_gateway_id, ConnectivityType::Private)?;
        let id = gateway.id;
        let text = |address: &NatGatewayAddress| address.private_ip.map(|address| address.to_string());
        for wanted in &self.private_ip_addresses {
            match gateway.addresses.iter().position(|address| text(address).as_ref() == Some(wanted)) {
                Some(0) => return Err(invalid_parameter("The primary private IP address cannot be unassigned.")),
                Some(_) => {}
                None => {
                    let message = format!("Private IP address {wanted} is not assigned to NAT gateway {id}");
                    return Err(invalid_parameter(message));
                }
            }
        }
        let leaves =
            |address: &NatGatewayAddress| text(address).is_some_and(|ip| self.private_ip_addresses.contains(&ip));
        drain(cx, id, self.max_drain_duration_seconds, AddressStatus::Unassigning, leaves)
    }
}
