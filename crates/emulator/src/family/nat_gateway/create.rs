//! CreateNatGateway. EC2 checks the parameters at once, and what they stand for after it has answered: such a gateway fails.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{AllocationId, SubnetId};

use super::describe::NatGatewayItem;
use super::lifecycle::is_associated;
use super::{AddressStatus, ConnectivityType, Failure, NatGateway, NatGatewayAddress, NatGatewayState};
use crate::action::{Action, Context};
use crate::client_token::{check_length, made_before};
use crate::clock::{Timestamp, Transition};
use crate::error::Refusal;
use crate::family::address::Address;
use crate::family::internet_gateway;
use crate::family::network_interface::{AddressRequest, NetworkInterface, PublicAddress, create_managed};
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::fault::NatGatewayFault;
use crate::quota;
use crate::state::Region;

const NAME: &str = "CreateNatGateway";

/// CreateNatGateway: zonal ones. Regional gateways are out of scope here.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateNatGateway {
    allocation_id: Option<String>,
    availability_mode: Option<AvailabilityMode>,
    #[serde(rename = "AvailabilityZoneAddress", default)]
    availability_zone_addresses: Vec<AvailabilityZoneAddress>,
    client_token: Option<String>,
    #[serde(default)]
    connectivity_type: ConnectivityType,
    private_ip_address: Option<String>,
    #[serde(rename = "SecondaryAllocationId", default)]
    secondary_allocation_ids: Vec<String>,
    #[serde(rename = "SecondaryPrivateIpAddress", default)]
    secondary_private_ip_addresses: Vec<String>,
    secondary_private_ip_address_count: Option<i64>,
    subnet_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    vpc_id: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AvailabilityMode {
    Zonal,
    Regional,
}

/// The addresses of a regional gateway in one zone.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AvailabilityZoneAddress {
    #[serde(rename = "AvailabilityZone")]
    _availability_zone: Option<String>,
    #[serde(rename = "AvailabilityZoneId")]
    _availability_zone_id: Option<String>,
    #[serde(rename = "AllocationId", default)]
    _allocation_ids: Vec<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateNatGatewayResponse {
    client_token: Option<String>,
    nat_gateway: NatGatewayItem,
}

/// How CreateNatGateway says that a parameter is missing.
fn missing(parameter: &str) -> Refusal {
    let message = format!(
        "The request must include the {parameter} parameter. Add the required parameter and retry the request."
    );
    Refusal::new("MissingParameter", message)
}

pub(super) fn invalid_parameter(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameter", message.into())
}

/// The most secondary private addresses that a request can ask for.
pub(super) const MAX_COUNT: i64 = 31;

/// # Errors
/// A count that is out of its range.
pub(super) fn checked_count(count: Option<i64>, parameter: &str) -> Result<usize, Refusal> {
    match count {
        None => Ok(0),
        Some(count @ 1..=MAX_COUNT) => Ok(usize::try_from(count).unwrap_or(0)),
        Some(count) => Err(Refusal::invalid_parameter_value(format!(
            "Value ({count}) for parameter {parameter} is invalid. Expecting a value between 1 and {MAX_COUNT}."
        ))),
    }
}

/// The Elastic IP addresses with these ids.
///
/// # Errors
/// NAT gateways call them by another name than other actions do.
pub(super) fn elastic_ips(cx: &Context<'_>, ids: &[String]) -> Result<Vec<AllocationId>, Refusal> {
    let mut found = Vec::new();
    for id in ids {
        let refuse = |code, what| Refusal::new(code, format!("The elastic-ip ID '{id}' {what}"));
        let parsed: AllocationId = id.parse().map_err(|_| refuse("InvalidElasticIpID.Malformed", "is malformed"))?;
        if cx.region.get::<Address>(parsed).is_none() {
            return Err(refuse("InvalidElasticIpID.NotFound", "does not exist"));
        }
        if found.contains(&parsed) {
            return Err(invalid_parameter(format!("The elastic-ip ID '{id}' is specified more than once")));
        }
        found.push(parsed);
    }
    Ok(found)
}

impl CreateNatGateway {
    /// What is wrong with the parameters among themselves.
    fn check_parameters(&self) -> Result<(), Refusal> {
        let regional = self.availability_mode == Some(AvailabilityMode::Regional);
        if regional || !self.availability_zone_addresses.is_empty() {
            let message = "Regional NAT gateways are not supported here.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        if self.vpc_id.is_some() {
            return Err(invalid_parameter("VpcId can only be specified for a regional NAT gateway."));
        }
        match self.connectivity_type {
            ConnectivityType::Public if self.allocation_id.is_none() => Err(missing("AllocationId")),
            ConnectivityType::Public if self.secondary_private_ip_address_count.is_some() => Err(invalid_parameter(
                "SecondaryPrivateIpAddressCount can only be specified for a private NAT gateway.",
            )),
            ConnectivityType::Private if self.allocation_id.is_some() => {
                Err(invalid_parameter("AllocationId cannot be specified for a private NAT gateway."))
            }
            ConnectivityType::Private if !self.secondary_allocation_ids.is_empty() => {
                Err(invalid_parameter("SecondaryAllocationIds cannot be specified for a private NAT gateway."))
            }
            ConnectivityType::Public
                if self.secondary_private_ip_addresses.len() > self.secondary_allocation_ids.len() =>
            {
                Err(invalid_parameter("Each secondary private IP address must have a secondary allocation ID."))
            }
            _ if self.secondary_private_ip_address_count.is_some()
                && !self.secondary_private_ip_addresses.is_empty() =>
            {
                Err(Refusal::invalid_parameter_combination(
                    "SecondaryPrivateIpAddresses and SecondaryPrivateIpAddressCount cannot be specified together.",
                ))
            }
            _ => Ok(()),
        }
    }

    fn subnet<'c>(&self, cx: &'c Context<'_>) -> Result<&'c Subnet, Refusal> {
        let id = self.subnet_id.as_deref().ok_or_else(|| missing("SubnetId"))?;
        if id.parse::<SubnetId>().is_err() {
            return Err(Refusal::new("InvalidSubnet", format!("The subnet ID '{id}' is malformed")));
        }
        cx.find::<Subnet>(id)
    }

    fn allocations(&self, cx: &Context<'_>) -> Result<Vec<AllocationId>, Refusal> {
        let ids: Vec<String> = self.allocation_id.iter().chain(&self.secondary_allocation_ids).cloned().collect();
        elastic_ips(cx, &ids)
    }

    /// Secondary addresses without a name: a count of a private gateway, the rest of a public one's Elastic IP addresses.
    fn secondary_count(&self) -> Result<usize, Refusal> {
        let named = self.secondary_private_ip_addresses.len();
        let free = checked_count(self.secondary_private_ip_address_count, "secondaryPrivateIpAddressCount")?;
        Ok(free.max(self.secondary_allocation_ids.len().saturating_sub(named)))
    }
}

/// What EC2 finds out after it has answered.
fn later_failure(cx: &Context<'_>, subnet: &Subnet, allocations: &[AllocationId]) -> Option<Failure> {
    if !allocations.is_empty() && internet_gateway::attached_to(cx, subnet.vpc_id).is_none() {
        let message = format!("Network {} has no Internet gateway attached", subnet.vpc_id);
        return Some(Failure { code: "Gateway.NotAttached".to_owned(), message });
    }
    let taken = allocations.iter().find(|allocation| is_associated(cx, **allocation))?;
    let message = format!("Elastic IP address {taken} is already associated");
    Some(Failure { code: "Resource.AlreadyAssociated".to_owned(), message })
}

/// How many gateways a zone has. Those that failed do not count.
fn in_zone(region: &Region, zone: &str) -> usize {
    let subnets = region.all::<NatGateway>().filter(|gateway| !gateway.is_gone()).map(|gateway| gateway.subnet_id);
    subnets.filter_map(|subnet| region.get::<Subnet>(subnet)).filter(|subnet| subnet.availability_zone == zone).count()
}

impl Action for CreateNatGateway {
    type Response = CreateNatGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_length(self.client_token.as_deref())?;
        if let Some(gateway) = made_before::<NatGateway>(cx, NAME, self.client_token.as_deref())? {
            let nat_gateway = NatGatewayItem::described(gateway);
            return Ok(CreateNatGatewayResponse { client_token: self.client_token, nat_gateway });
        }
        self.check_parameters()?;
        let tags = specified_tags(&self.tag_specifications, &["natgateway"], "natgateway")?;
        let subnet = self.subnet(cx)?.clone();
        if subnet.cidr_block.is_none() {
            return Err(invalid_parameter("NAT gateways cannot be created in an IPv6-only subnet."));
        }
        let allocations = self.allocations(cx)?;
        let addresses = AddressRequest::named(
            self.private_ip_address.as_deref(),
            &self.secondary_private_ip_addresses,
            self.secondary_count()?,
        )?;
        cx.check_quota(&quota::NAT_GATEWAYS, |region| in_zone(region, &subnet.availability_zone) + 1)?;
        let (id, failure) = (cx.new_id(), later_failure(cx, &subnet, &allocations));
        let mut gateway = NatGateway {
            id,
            vpc_id: subnet.vpc_id,
            subnet_id: subnet.id,
            connectivity_type: self.connectivity_type,
            state: NatGatewayState::Pending,
            due: None,
            create_time: cx.now,
            delete_time: None,
            failure,
            addresses: Vec::new(),
            tags,
        };
        give_addresses(cx, &mut gateway, &allocations, addresses)?;
        gateway.due = Some(end_of_creation(cx, &mut gateway));
        cx.region.put(gateway.clone());
        cx.remember(NAME, self.client_token.as_deref(), vec![id.into()]);
        Ok(CreateNatGatewayResponse { client_token: self.client_token, nat_gateway: NatGatewayItem::created(&gateway) })
    }
}

/// When the gateway is available or has failed. A fault that was asked for makes it slow, or fail as AWS's own faults do.
fn end_of_creation(cx: &Context<'_>, gateway: &mut NatGateway) -> Timestamp {
    let fault = cx.nat_gateway_fault();
    if fault == Some(NatGatewayFault::Fail) && gateway.failure.is_none() {
        let interface = gateway.addresses.first().and_then(|address| address.network_interface_id);
        let interface = interface.map(|id| id.to_string()).unwrap_or_default();
        let message = format!(
            "Network interface {interface}, created and used internally by this NAT gateway is in an invalid state. \
             Please try again."
        );
        gateway.failure = Some(Failure { code: "InternalError".to_owned(), message });
    }
    let failing = gateway.failure.is_some();
    let end = cx.end_of(if failing { Transition::FailNatGateway } else { Transition::CreateNatGateway });
    match fault {
        Some(NatGatewayFault::Slow(delay)) => end.after(delay),
        _ => end,
    }
}

/// Makes the gateway's network interface and puts the Elastic IP addresses on it, unless it is to fail.
///
/// # Errors
/// A private address that the subnet does not have to give. A full subnet is found out later.
fn give_addresses(
    cx: &mut Context<'_>,
    gateway: &mut NatGateway,
    allocations: &[AllocationId],
    addresses: AddressRequest,
) -> Result<(), Refusal> {
    let status = match gateway.connectivity_type {
        ConnectivityType::Public => AddressStatus::Associating,
        ConnectivityType::Private => AddressStatus::Assigning,
    };
    let count = addresses.count();
    let interface = match create_managed(cx, gateway.id, gateway.subnet_id, Vec::new(), addresses) {
        Ok(interface) => Some(interface),
        Err(refusal) if refusal.code == "InsufficientFreeAddressesInSubnet" => {
            let message = "Subnet has insufficient free addresses to create this NAT gateway".to_owned();
            gateway.failure = Some(Failure { code: refusal.code.into_owned(), message });
            None
        }
        Err(refusal) => return Err(refusal),
    };
    let privates: Vec<_> = interface.iter().flat_map(NetworkInterface::addresses).collect();
    for index in 0..count {
        let mut address = NatGatewayAddress {
            allocation_id: allocations.get(index).copied(),
            association_id: None,
            network_interface_id: interface.as_ref().map(|interface| interface.id),
            private_ip: privates.get(index).copied(),
            public_ip: None,
            status,
            due: None,
        };
        if gateway.failure.is_none() {
            associate(cx, &mut address);
        }
        gateway.addresses.push(address);
    }
    Ok(())
}

/// Maps the Elastic IP address of a gateway's address to its private one.
pub(super) fn associate(cx: &mut Context<'_>, address: &mut NatGatewayAddress) {
    let (Some(allocation), Some(interface), Some(private)) =
        (address.allocation_id, address.network_interface_id, address.private_ip)
    else {
        return;
    };
    let Some(public_ip) = cx.region.get::<Address>(allocation).map(|address| address.public_ip) else { return };
    let association = cx.new_id();
    (address.association_id, address.public_ip) = (Some(association), Some(public_ip));
    let public = PublicAddress { address: public_ip, elastic_ip: Some((allocation, association)) };
    cx.region.update(interface, |interface: &mut NetworkInterface| {
        if let Some(held) = interface.private_addresses_mut().find(|held| held.address == private) {
            held.public = Some(public);
        }
    });
}
