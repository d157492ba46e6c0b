//! CreateNetworkInterface, DeleteNetworkInterface.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ResourceId, SecurityGroupId, SubnetId};

use super::attribute::ConnectionTracking;
use super::item::NetworkInterfaceItem;
use super::{
    AddressRequest, Ipv4PrefixParameter, Ipv6AddressParameter, Ipv6PrefixParameter, Ipv6Request, NetworkInterface,
    PrivateIpAddressSpecification, Wording,
};
use crate::action::{Action, Context};
use crate::client_token::made_before;
use crate::error::Refusal;
use crate::family::security_group::checked_groups;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::quota;
use crate::state::Tags;
use crate::wire::Reply;

/// A network interface to make.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub(crate) subnet_id: SubnetId,
    pub(crate) groups: Vec<SecurityGroupId>,
    pub(crate) description: String,
    pub(crate) addresses: AddressRequest,
    pub(crate) associate_public_ip_address: bool,
    pub(crate) tags: Tags,
}

/// Makes a network interface. `wording` tells who asks.
///
/// # Errors
/// An address that it cannot have, or a subnet that is full.
pub(crate) fn create(cx: &mut Context<'_>, new: New, wording: Wording) -> Result<NetworkInterface, Refusal> {
    let subnet = cx.find::<Subnet>(&new.subnet_id.to_string())?;
    let chosen = new.addresses.choose(&cx.region, subnet, wording)?;
    let vpc_id = subnet.vpc_id;
    let interface = NetworkInterface {
        id: cx.new_id(),
        vpc_id,
        subnet_id: new.subnet_id,
        description: new.description,
        mac_address: mac_address(cx.state.account.next_random()),
        groups: new.groups,
        source_dest_check: true,
        associate_public_ip_address: new.associate_public_ip_address,
        primary: chosen.primary,
        secondaries: chosen.secondaries,
        ipv4_prefixes: chosen.ipv4_prefixes,
        ipv6_addresses: chosen.ipv6.addresses,
        ipv6_prefixes: chosen.ipv6.prefixes,
        primary_ipv6: new.addresses.wants_primary_ipv6(),
        connection_tracking: None,
        created_as: InterfaceType::Interface,
        attachment: None,
        managed: None,
        created_by_caller: wording == Wording::Create,
        tags: new.tags,
    };
    cx.region.put(interface.clone());
    Ok(interface)
}

/// A locally administered unicast address, as EC2's are: `0e:ff:c4:7f:36:69`.
fn mac_address(bits: u64) -> String {
    let [_, _, _, a, b, c, d, e] = bits.to_be_bytes();
    format!("0e:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}

/// What an interface is created as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InterfaceType {
    #[default]
    Interface,
    Efa,
    EfaOnly,
    Branch,
    Trunk,
}

impl InterfaceType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Efa => "efa",
            Self::EfaOnly => "efa-only",
            Self::Branch => "branch",
            Self::Trunk => "trunk",
        }
    }
}

/// The service that manages the interface: not for the account to say.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OperatorParameter {
    #[serde(rename = "Principal")]
    _principal: Option<String>,
}

/// CreateNetworkInterface.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateNetworkInterface {
    subnet_id: String,
    #[serde(default)]
    description: String,
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
    enable_primary_ipv6: Option<bool>,
    #[serde(default)]
    interface_type: InterfaceType,
    connection_tracking_specification: Option<ConnectionTracking>,
    operator: Option<OperatorParameter>,
    #[serde(rename = "SecurityGroupId", default)]
    groups: Vec<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    client_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateNetworkInterfaceResponse {
    network_interface: NetworkInterfaceItem,
    client_token: Option<String>,
}

const NAME: &str = "CreateNetworkInterface";

impl CreateNetworkInterface {
    fn check_supported(&self) -> Result<(), Refusal> {
        if self.operator.is_some() {
            let message = "The operator parameter is reserved for internal use.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        if self.interface_type == InterfaceType::EfaOnly {
            let message = "EFA-only network interfaces are not supported.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        self.connection_tracking_specification.iter().try_for_each(ConnectionTracking::check)
    }

    fn ipv6_request(&self) -> Result<Ipv6Request, Refusal> {
        let (addresses, prefixes) = (&self.ipv6_addresses, &self.ipv6_prefixes);
        let request = Ipv6Request::read(addresses, self.ipv6_address_count, prefixes, self.ipv6_prefix_count)?;
        Ok(request.with_primary(self.enable_primary_ipv6))
    }
}

impl Action for CreateNetworkInterface {
    type Response = CreateNetworkInterfaceResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if let Some(interface) = made_before::<NetworkInterface>(cx, NAME, self.client_token.as_deref())? {
            let network_interface = NetworkInterfaceItem::created(interface, cx);
            return Ok(CreateNetworkInterfaceResponse { network_interface, client_token: self.client_token });
        }
        let tags = specified_tags(&self.tag_specifications, &["network-interface"], "network-interface")?;
        self.check_supported()?;
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        let addresses = AddressRequest::read(
            self.private_ip_address.as_deref(),
            &self.private_ip_addresses,
            self.secondary_private_ip_address_count,
        )?
        .with_prefixes(&self.ipv4_prefixes, self.ipv4_prefix_count)?
        .with_ipv6(self.ipv6_request()?);
        let subnet_id = subnet.id;
        let elsewhere = |group| Refusal::invalid_parameter_value(different_networks(group, subnet_id));
        let groups = checked_groups(cx, &self.groups, subnet.vpc_id, elsewhere)?;
        cx.check_quota(&quota::NETWORK_INTERFACES, |region| region.all::<NetworkInterface>().count() + 1)?;
        let description = self.description;
        let new = New { subnet_id, groups, description, addresses, associate_public_ip_address: false, tags };
        let mut interface = create(cx, new, Wording::Create)?;
        interface.created_as = self.interface_type;
        interface.connection_tracking = self.connection_tracking_specification;
        cx.region.put(interface.clone());
        cx.remember(NAME, self.client_token.as_deref(), vec![ResourceId::from(interface.id)]);
        let network_interface = NetworkInterfaceItem::created(&interface, cx);
        Ok(CreateNetworkInterfaceResponse { network_interface, client_token: self.client_token })
    }
}

/// How EC2 words that a new interface cannot have a group.
pub(crate) fn different_networks(group: SecurityGroupId, subnet: SubnetId) -> String {
    format!("Security group {group} and subnet {subnet} belong to different networks.")
}

/// DeleteNetworkInterface: refused while attached. Elastic IP addresses on it become free.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteNetworkInterface {
    network_interface_id: String,
}

impl Action for DeleteNetworkInterface {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let interface = cx.find::<NetworkInterface>(&self.network_interface_id)?;
        if interface.is_in_use() {
            let message = format!("Network interface '{}' is currently in use.", interface.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        let id = interface.id;
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}
