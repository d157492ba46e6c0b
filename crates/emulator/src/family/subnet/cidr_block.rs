//! AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock: the IPv6 block of a subnet.

use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{SubnetCidrAssociationId, SubnetId};

use super::{Ipv6Association, Ipv6AssociationItem, Subnet, is_taken};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::network_interface::NetworkInterface;
use crate::family::vpc::{Vpc, unknown_ipam_pool};

/// A block of /44 to /64, in steps of 4, inside one of the VPC's that no other subnet overlaps.
/// Source: "Subnet CIDR blocks" in the Amazon VPC User Guide.
pub(super) fn checked_ipv6_block(cx: &Context<'_>, vpc: &Vpc, text: &str) -> Result<Ipv6Net, Refusal> {
    let is_size = |length: u8| (44..=64).contains(&length) && length.is_multiple_of(4);
    let block = text.parse::<Ipv6Net>().ok().map(|block| block.trunc()).filter(|block| is_size(block.prefix_len()));
    let block = block.ok_or_else(|| {
        Refusal::invalid_parameter_value(format!("invalid value for parameter ipv6-cidr-block: {text}"))
    })?;
    if !vpc.ipv6_cidr_blocks().any(|whole| whole.contains(&block)) {
        return Err(Refusal::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid.")));
    }
    if is_taken(&cx.region, vpc.id, block) {
        let message = format!("The CIDR '{text}' conflicts with another subnet");
        return Err(Refusal::new("InvalidSubnet.Conflict", message));
    }
    Ok(block)
}

/// # Errors
/// There are no IPAM pools here, so a request that names one names an unknown one.
pub(super) fn check_ipam<const N: usize>(pools: [&Option<String>; N]) -> Result<(), Refusal> {
    pools.into_iter().flatten().next().map_or(Ok(()), |pool| Err(unknown_ipam_pool(pool)))
}

/// AssociateSubnetCidrBlock.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateSubnetCidrBlock {
    subnet_id: String,
    ipv6_cidr_block: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv6NetmaskLength")]
    _ipv6_netmask_length: Option<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubnetCidrBlockResponse {
    ipv6_cidr_block_association: Ipv6AssociationItem,
    subnet_id: SubnetId,
}

impl Action for AssociateSubnetCidrBlock {
    type Response = SubnetCidrBlockResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        check_ipam([&self.ipv6_ipam_pool_id])?;
        let Some(text) = &self.ipv6_cidr_block else {
            let message = "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.".to_owned();
            return Err(Refusal::new("MissingParameter", message));
        };
        if subnet.ipv6.is_some() {
            let message = format!("This subnet {} has met its maximum number of allowed CIDRs: 1", subnet.id);
            return Err(Refusal::new("CidrLimitExceeded", message));
        }
        let vpc = cx.find::<Vpc>(&subnet.vpc_id.to_string())?;
        let block = checked_ipv6_block(cx, vpc, text)?;
        let subnet_id = subnet.id;
        let association = Ipv6Association { id: cx.new_id(), block };
        let ipv6_cidr_block_association = Ipv6AssociationItem::new(&association, "associating");
        cx.region.update(subnet_id, |subnet: &mut Subnet| subnet.ipv6 = Some(association));
        Ok(SubnetCidrBlockResponse { ipv6_cidr_block_association, subnet_id })
    }
}

/// DisassociateSubnetCidrBlock: refused while an interface of the subnet has an IPv6 address.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateSubnetCidrBlock {
    association_id: String,
}

impl DisassociateSubnetCidrBlock {
    fn subnet<'c>(&self, cx: &'c Context<'_>) -> Result<&'c Subnet, Refusal> {
        let id = &self.association_id;
        if id.parse::<SubnetCidrAssociationId>().is_err() {
            let message = format!("The subnet CIDR block with association ID {id} is malformed");
            return Err(Refusal::new("InvalidSubnetCidrBlockAssociationId.Malformed", message));
        }
        cx.region.by_alias::<Subnet>(id).ok_or_else(|| {
            let message = format!("The subnet CIDR block with association ID {id} does not exist");
            Refusal::new("InvalidSubnetCidrBlockAssociationID.NotFound", message)
        })
    }

    fn in_use(&self, why: &str) -> Refusal {
        let message = format!(
            "The subnet IPv6 CIDR block with association ID {} may not be disassociated, because its subnet {why}.",
            self.association_id
        );
        Refusal::new("InvalidCidrBlock.InUse", message)
    }
}

impl Action for DisassociateSubnetCidrBlock {
    type Response = SubnetCidrBlockResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let subnet = self.subnet(cx)?;
        if subnet.is_ipv6_native() {
            return Err(self.in_use("is IPv6 only"));
        }
        if subnet.assign_ipv6_address_on_creation {
            return Err(self.in_use("has assign-ipv6-address-on-creation set to true"));
        }
        let has_ipv6 = |eni: &NetworkInterface| !eni.ipv6_addresses.is_empty() || !eni.ipv6_prefixes.is_empty();
        if cx.region.referrers::<NetworkInterface>(subnet.id).any(has_ipv6) {
            return Err(self.in_use("has network interfaces with IPv6 addresses"));
        }
        let subnet_id = subnet.id;
        let mut disassociated = None;
        cx.region.update(subnet_id, |subnet: &mut Subnet| disassociated = subnet.ipv6.take());
        let association = disassociated.as_ref().map(|held| Ipv6AssociationItem::new(held, "disassociating"));
        let association = association.ok_or_else(|| Refusal::internal("an alias without association".to_owned()))?;
        Ok(SubnetCidrBlockResponse { ipv6_cidr_block_association: association, subnet_id })
    }
}
