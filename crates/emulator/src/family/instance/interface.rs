//! The network interfaces of a launch: what a request says of them, and what is made of it.
//!
//! Source: InstanceNetworkInterfaceSpecification in the EC2 API Reference.

use serde::Deserialize;
use vpcrun_model::{InstanceId, NetworkInterfaceId, SecurityGroupId};

use super::interface_limit_exceeded;
use super::option::unsupported;
use super::parameters::LaunchParameters;
use crate::action::Context;
use crate::error::Refusal;
use crate::family::address::no_capacity;
use crate::family::instance_type::InstanceType;
use crate::family::network_interface::{
    self, AddressRequest, Ipv4PrefixParameter, Ipv6AddressParameter, Ipv6PrefixParameter, Ipv6Request,
    NetworkInterface, New, PrivateIpAddressSpecification, Wording, check_attachable, different_networks,
};
use crate::family::security_group::{checked_groups, find_by_name};
use crate::family::subnet::Subnet;
use crate::family::vpc::default_vpc;
use crate::family::zone;
use crate::state::Tags;

/// A network interface in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct InterfaceSpecification {
    device_index: Option<u8>,
    network_card_index: Option<u8>,
    network_interface_id: Option<String>,
    subnet_id: Option<String>,
    description: Option<String>,
    private_ip_address: Option<String>,
    #[serde(default)]
    private_ip_addresses: Vec<PrivateIpAddressSpecification>,
    secondary_private_ip_address_count: Option<u16>,
    #[serde(rename = "Ipv4Prefix", default)]
    ipv4_prefixes: Vec<Ipv4PrefixParameter>,
    ipv4_prefix_count: Option<u16>,
    #[serde(default)]
    ipv6_addresses: Vec<Ipv6AddressParameter>,
    ipv6_address_count: Option<u16>,
    #[serde(rename = "Ipv6Prefix", default)]
    ipv6_prefixes: Vec<Ipv6PrefixParameter>,
    ipv6_prefix_count: Option<u16>,
    primary_ipv6: Option<bool>,
    #[serde(rename = "SecurityGroupId", default)]
    groups: Vec<String>,
    delete_on_termination: Option<bool>,
    associate_public_ip_address: Option<bool>,
    interface_type: Option<String>,
    associate_carrier_ip_address: Option<bool>,
    ena_srd_specification: Option<EnaSrdSpecification>,
    connection_tracking_specification: Option<ConnectionTrackingSpecification>,
    ena_queue_count: Option<u32>,
}

/// ENA Express.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EnaSrdSpecification {
    ena_srd_enabled: Option<bool>,
    ena_srd_udp_specification: Option<EnaSrdUdpSpecification>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EnaSrdUdpSpecification {
    ena_srd_udp_enabled: Option<bool>,
}

/// How long security groups remember a connection, in seconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ConnectionTrackingSpecification {
    #[serde(rename = "TcpEstablishedTimeout")]
    _tcp_established_timeout: Option<u32>,
    #[serde(rename = "UdpStreamTimeout")]
    _udp_stream_timeout: Option<u32>,
    #[serde(rename = "UdpTimeout")]
    _udp_timeout: Option<u32>,
}

impl InterfaceSpecification {
    /// # Errors
    /// `UnsupportedOperation` for what no interface here has.
    fn check_supported(&self) -> Result<(), Refusal> {
        let express = self.ena_srd_specification.clone().unwrap_or_default();
        let udp = express.ena_srd_udp_specification.unwrap_or_default();
        let refused = [
            (
                self.associate_carrier_ip_address == Some(true),
                "Carrier IP addresses are for network interfaces in Wavelength Zones only.",
            ),
            (
                express.ena_srd_enabled == Some(true) || udp.ena_srd_udp_enabled == Some(true),
                "The instance type does not support ENA Express.",
            ),
            (self.connection_tracking_specification.is_some(), "Connection tracking timeouts are not supported."),
            (self.ena_queue_count.is_some(), "The instance type does not support a number of ENA queues."),
        ];
        match refused.into_iter().find(|(is_asked_for, _)| *is_asked_for) {
            Some((_, message)) => Err(unsupported(message)),
            None => Ok(()),
        }
    }
}

/// An interface that each instance of a launch gets.
#[derive(Clone, Debug)]
pub(super) struct PlannedInterface {
    device_index: u8,
    delete_on_termination: bool,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Existing(NetworkInterfaceId),
    New(Box<New>),
}

/// The interfaces of a launch, and the subnet of the primary one.
pub(super) struct Plan {
    pub(super) interfaces: Vec<PlannedInterface>,
    pub(super) subnet: Subnet,
}

fn refuse_together(what: &str) -> Refusal {
    Refusal::invalid_parameter_combination(format!(
        "Network interfaces and an instance-level {what} may not be specified on the same request"
    ))
}

/// What is to be made of a request.
///
/// # Errors
/// Parameters that exclude each other; an unknown subnet, group or interface; a group of another VPC; more interfaces than the
/// type takes.
pub(super) fn plan(
    request: &LaunchParameters,
    max_count: u32,
    cx: &Context<'_>,
    instance_type: &InstanceType,
    tags: &Tags,
) -> Result<Plan, Refusal> {
    if request.network_interfaces.is_empty() {
        return plan_single(request, max_count, cx, tags);
    }
    if request.subnet_id.is_some() {
        return Err(refuse_together("subnet ID"));
    }
    if !request.group_ids.is_empty() || !request.group_names.is_empty() {
        return Err(refuse_together("security groups"));
    }
    if request.private_ip_address.is_some() {
        return Err(refuse_together("private address"));
    }
    if !request.ipv6_addresses.is_empty() || request.ipv6_address_count.is_some() {
        return Err(refuse_together("IPv6 address"));
    }
    let specifications = &request.network_interfaces;
    check_indexes(specifications)?;
    if specifications.len() > instance_type.maximum_network_interfaces {
        return Err(interface_limit_exceeded(specifications.len(), instance_type.name));
    }
    let planned: Vec<(PlannedInterface, Subnet)> = specifications
        .iter()
        .map(|specification| specification.plan(request, max_count, cx, specifications.len(), tags))
        .collect::<Result<_, _>>()?;
    for (interface, _) in &planned {
        interface.check_address_count(instance_type)?;
    }
    let zone = |subnet: &Subnet| subnet.availability_zone.clone();
    let primary = planned.iter().find(|(interface, _)| interface.device_index == 0);
    let subnet = primary.map(|(_, subnet)| subnet.clone()).ok_or_else(no_primary)?;
    if planned.iter().any(|(_, other)| zone(other) != zone(&subnet)) {
        return Err(Refusal::invalid_parameter_combination(
            "You may not attach a network interface to an instance if they are not in the same availability zone",
        ));
    }
    Ok(Plan { interfaces: planned.into_iter().map(|(interface, _)| interface).collect(), subnet })
}

fn no_primary() -> Refusal {
    Refusal::invalid_parameter_combination("When specifying network interfaces, you must include a device at index 0.")
}

fn check_indexes(specifications: &[InterfaceSpecification]) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for specification in specifications {
        let Some(index) = specification.device_index else {
            return Err(Refusal::invalid_parameter_value("Each network interface requires a device index."));
        };
        if seen.contains(&index) {
            return Err(Refusal::invalid_parameter_value("Each network interface requires a unique device index."));
        }
        seen.push(index);
        if specification.network_card_index.is_some_and(|index| index > 0) {
            return Err(Refusal::invalid_parameter_value("The instance type has a single network card, of index 0."));
        }
    }
    if seen.contains(&0) { Ok(()) } else { Err(no_primary()) }
}

/// The one interface of a launch that names none.
fn plan_single(request: &LaunchParameters, max_count: u32, cx: &Context<'_>, tags: &Tags) -> Result<Plan, Refusal> {
    if request.subnet_id.is_some() && !request.group_names.is_empty() {
        let message = "The parameter groupName cannot be used with the parameter subnet";
        return Err(Refusal::invalid_parameter_combination(message));
    }
    let subnet = subnet(request, request.subnet_id.as_deref(), cx)?;
    let mut group_ids = request.group_ids.clone();
    for name in &request.group_names {
        group_ids.push(find_by_name(cx, name)?.id.to_string());
    }
    let ipv6 = Ipv6Request::read(&request.ipv6_addresses, request.ipv6_address_count, &[], None)?
        .with_primary(request.enable_primary_ipv6);
    let new = New {
        subnet_id: subnet.id,
        groups: groups(cx, &group_ids, subnet)?,
        description: String::new(),
        addresses: AddressRequest::read(request.private_ip_address.as_deref(), &[], None)?.with_ipv6(ipv6),
        associate_public_ip_address: subnet.map_public_ip_on_launch,
        tags: tags.clone(),
    };
    check_single(max_count, new.addresses.names_any())?;
    let interface =
        PlannedInterface { device_index: 0, delete_on_termination: true, source: Source::New(Box::new(new)) };
    Ok(Plan { interfaces: vec![interface], subnet: subnet.clone() })
}

/// An address or an interface cannot be for several instances.
fn check_single(max_count: u32, names_one: bool) -> Result<(), Refusal> {
    if names_one && max_count > 1 {
        return Err(Refusal::invalid_parameter_combination(
            "A private IP address or a network interface ID may not be specified when launching more than one instance",
        ));
    }
    Ok(())
}

fn groups(cx: &Context<'_>, ids: &[String], subnet: &Subnet) -> Result<Vec<SecurityGroupId>, Refusal> {
    checked_groups(cx, ids, subnet.vpc_id, |group| {
        Refusal::new("InvalidParameter", different_networks(group, subnet.id))
    })
}

/// The subnet that a request names, else a default subnet: of the zone that it names, else of the first.
fn subnet<'c>(request: &LaunchParameters, id: Option<&str>, cx: &'c Context<'_>) -> Result<&'c Subnet, Refusal> {
    let zone = request.checked_zone(cx)?;
    if let Some(id) = id {
        let subnet = cx.find::<Subnet>(id)?;
        return match zone {
            Some(zone) if zone != subnet.availability_zone => Err(Refusal::invalid_parameter_combination(format!(
                "The availability zone '{zone}' is not the one of the subnet '{}', '{}'",
                subnet.id, subnet.availability_zone
            ))),
            _ => Ok(subnet),
        };
    }
    let vpc = default_vpc(cx).ok_or_else(|| {
        let message = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.";
        Refusal::new("VPCIdNotSpecified", message.to_owned())
    })?;
    let mut subnets: Vec<&Subnet> =
        cx.region.referrers::<Subnet>(vpc.id).filter(|subnet| subnet.default_for_az).collect();
    subnets.sort_by(|one, other| one.availability_zone.cmp(&other.availability_zone));
    match zone {
        None => subnets.first().copied().ok_or_else(|| {
            let message = format!("No subnets found for the default VPC '{}'. Please specify a subnet.", vpc.id);
            Refusal::new("MissingInput", message)
        }),
        Some(zone) => subnets
            .into_iter()
            .find(|subnet| subnet.availability_zone == zone)
            .ok_or_else(|| Refusal::new("InvalidInput", format!("No default subnet for availability zone: '{zone}'."))),
    }
}

impl LaunchParameters {
    /// The zone that the request names.
    ///
    /// # Errors
    /// `InvalidParameterValue` for a zone that the region does not have.
    fn checked_zone(&self, cx: &Context<'_>) -> Result<Option<String>, Refusal> {
        let placement = &self.placement;
        if placement.availability_zone.is_some() && placement.availability_zone_id.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "The parameter AvailabilityZone cannot be used with the parameter AvailabilityZoneId",
            ));
        }
        let mut zones = zone::zones(cx.region_name).into_iter();
        let found = match (&placement.availability_zone, &placement.availability_zone_id) {
            (Some(name), _) => zones.find(|zone| zone.name == *name).ok_or(name),
            (None, Some(id)) => zones.find(|zone| zone.id == *id).ok_or(id),
            (None, None) => return Ok(None),
        };
        let unknown = |text| Refusal::invalid_parameter_value(format!("Invalid availability zone: [{text}]"));
        found.map(|zone| Some(zone.name)).map_err(unknown)
    }
}

impl InterfaceSpecification {
    fn plan(
        &self,
        request: &LaunchParameters,
        max_count: u32,
        cx: &Context<'_>,
        count: usize,
        tags: &Tags,
    ) -> Result<(PlannedInterface, Subnet), Refusal> {
        if self.associate_public_ip_address.is_some() && count > 1 {
            return Err(Refusal::invalid_parameter_combination(
                "The associatePublicIPAddress parameter cannot be specified when launching with multiple network \
                 interfaces.",
            ));
        }
        if let Some(other) = self.interface_type.as_deref().filter(|name| *name != "interface") {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for interfaceType.")));
        }
        self.check_supported()?;
        let device_index = self.device_index.unwrap_or_default();
        if let Some(id) = &self.network_interface_id {
            return self.plan_existing(max_count, cx, id, device_index);
        }
        let subnet = subnet(request, self.subnet_id.as_deref(), cx)?;
        let addresses = AddressRequest::read(
            self.private_ip_address.as_deref(),
            &self.private_ip_addresses,
            self.secondary_private_ip_address_count,
        )?
        .with_prefixes(&self.ipv4_prefixes, self.ipv4_prefix_count)?
        .with_ipv6(self.ipv6_request()?);
        check_single(max_count, addresses.names_any())?;
        let new = New {
            subnet_id: subnet.id,
            groups: groups(cx, &self.groups, subnet)?,
            description: self.description.clone().unwrap_or_default(),
            addresses,
            // EC2 lends no address to an instance with several interfaces.
            associate_public_ip_address: self
                .associate_public_ip_address
                .unwrap_or(subnet.map_public_ip_on_launch && count == 1),
            tags: tags.clone(),
        };
        let delete_on_termination = self.delete_on_termination.unwrap_or(true);
        Ok((
            PlannedInterface { device_index, delete_on_termination, source: Source::New(Box::new(new)) },
            subnet.clone(),
        ))
    }

    fn ipv6_request(&self) -> Result<Ipv6Request, Refusal> {
        let (addresses, prefixes) = (&self.ipv6_addresses, &self.ipv6_prefixes);
        let request = Ipv6Request::read(addresses, self.ipv6_address_count, prefixes, self.ipv6_prefix_count)?;
        Ok(request.with_primary(self.primary_ipv6))
    }

    fn asks_for_ipv6_or_prefixes(&self) -> bool {
        let counted = [self.ipv4_prefix_count, self.ipv6_address_count, self.ipv6_prefix_count];
        counted.iter().any(Option::is_some)
            || !self.ipv4_prefixes.is_empty()
            || !self.ipv6_addresses.is_empty()
            || !self.ipv6_prefixes.is_empty()
            || self.primary_ipv6.is_some()
    }

    fn plan_existing(
        &self,
        max_count: u32,
        cx: &Context<'_>,
        id: &str,
        device_index: u8,
    ) -> Result<(PlannedInterface, Subnet), Refusal> {
        let describes_new = self.subnet_id.is_some()
            || !self.groups.is_empty()
            || self.private_ip_address.is_some()
            || !self.private_ip_addresses.is_empty()
            || self.secondary_private_ip_address_count.is_some()
            || self.asks_for_ipv6_or_prefixes()
            || self.associate_public_ip_address.is_some();
        if describes_new {
            return Err(Refusal::invalid_parameter_combination(
                "A network interface ID may not be specified together with parameters of a new network interface",
            ));
        }
        check_single(max_count, true)?;
        let interface = cx.find::<NetworkInterface>(id)?;
        check_attachable(interface)?;
        let source = Source::Existing(interface.id);
        let delete_on_termination = self.delete_on_termination.unwrap_or(false);
        let subnet = cx.find::<Subnet>(&interface.subnet_id.to_string())?.clone();
        Ok((PlannedInterface { device_index, delete_on_termination, source }, subnet))
    }
}

impl PlannedInterface {
    /// # Errors
    /// More private addresses than an interface of this type can have.
    fn check_address_count(&self, instance_type: &InstanceType) -> Result<(), Refusal> {
        match &self.source {
            Source::New(new) if new.addresses.largest_count() > instance_type.ipv4_addresses_per_interface => {
                let message = "Number of private addresses will exceed limit.".to_owned();
                Err(Refusal::new("PrivateIpAddressLimitExceeded", message))
            }
            _ => Ok(()),
        }
    }

    /// Gives an instance the interface.
    ///
    /// # Errors
    /// An address that it cannot have, a subnet that is full, or no public address left.
    pub(super) fn attach(&self, cx: &mut Context<'_>, instance: InstanceId) -> Result<(), Refusal> {
        let (id, is_to_be_public) = match &self.source {
            Source::Existing(id) => (*id, false),
            Source::New(new) => {
                let interface = network_interface::create(cx, New::clone(new), Wording::Launch)?;
                (interface.id, interface.associate_public_ip_address)
            }
        };
        let attachment = network_interface::attachment(cx, instance, self.device_index, self.delete_on_termination);
        cx.region.update(id, |interface: &mut NetworkInterface| interface.attachment = Some(attachment));
        network_interface::lend_public_address(cx, id);
        let is_public = cx.region.get::<NetworkInterface>(id).is_some_and(|eni| eni.primary_public().is_some());
        if is_to_be_public && !is_public { Err(no_capacity()) } else { Ok(()) }
    }
}
