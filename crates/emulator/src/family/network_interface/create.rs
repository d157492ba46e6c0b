//! CreateNetworkInterface, DeleteNetworkInterface.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{NetworkInterfaceId, ResourceId, SecurityGroupId, SubnetId};

use super::item::NetworkInterfaceItem;
use super::{AddressRequest, NetworkInterface, PrivateIpAddressSpecification, Wording};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::security_group::checked_groups;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
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
    let (primary, secondaries) = new.addresses.choose(&cx.region, subnet, wording)?;
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
        primary,
        secondaries,
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

impl Action for CreateNetworkInterface {
    type Response = CreateNetworkInterfaceResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if let Some(created) = cx.created_before(NAME, self.client_token.as_deref())? {
            let id = created.first().copied().and_then(|id| NetworkInterfaceId::try_from(id).ok());
            let interface = id.and_then(|id| cx.region.get::<NetworkInterface>(id)).ok_or_else(deleted_since)?;
            let network_interface = NetworkInterfaceItem::created(interface, cx);
            return Ok(CreateNetworkInterfaceResponse { network_interface, client_token: self.client_token });
        }
        let tags = specified_tags(&self.tag_specifications, &["network-interface"], "network-interface")?;
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        let addresses = AddressRequest::read(
            self.private_ip_address.as_deref(),
            &self.private_ip_addresses,
            self.secondary_private_ip_address_count,
        )?;
        let subnet_id = subnet.id;
        let elsewhere = |group| Refusal::invalid_parameter_value(different_networks(group, subnet_id));
        let groups = checked_groups(cx, &self.groups, subnet.vpc_id, elsewhere)?;
        let description = self.description;
        let new = New { subnet_id, groups, description, addresses, associate_public_ip_address: false, tags };
        let interface = create(cx, new, Wording::Create)?;
        cx.remember(NAME, self.client_token.as_deref(), vec![ResourceId::from(interface.id)]);
        let network_interface = NetworkInterfaceItem::created(&interface, cx);
        Ok(CreateNetworkInterfaceResponse { network_interface, client_token: self.client_token })
    }
}

/// How EC2 words that a new interface cannot have a group.
pub(crate) fn different_networks(group: SecurityGroupId, subnet: SubnetId) -> String {
    format!("Security group {group} and subnet {subnet} belong to different networks.")
}

/// A ClientToken whose resource is gone.
fn deleted_since() -> Refusal {
    let message = "An error occurred (IdempotentParameterMismatch) when calling this operation: The client token and \
                   arguments used in this request were used in a prior request that was associated with a resource \
                   which is now deleted.";
    Refusal::new("IdempotentParameterMismatch", message.to_owned())
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
