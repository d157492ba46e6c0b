//! AssociateVpcCidrBlock, DisassociateVpcCidrBlock, and which blocks a VPC can have.
//!
//! Source: "VPC CIDR blocks" in the Amazon VPC User Guide, with its table of restricted ranges.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{VpcCidrAssociationId, VpcId};

use super::{CidrAssociation, CidrAssociationItem, Ipv6AssociationItem, Vpc, parse_cidr};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::subnet::Subnet;
use crate::family::{network_acl, route_table, security_group};
use crate::quota;

/// One for each network border group, and a region is one.
const MAX_IPV6_CIDR_BLOCKS: usize = 1;

/// A /16 to /28 block; host bits are cleared as EC2 does.
pub(super) fn checked_cidr_block(text: &str) -> Result<Ipv4Net, Refusal> {
    let block = parse_cidr(text, "cidrBlock")?;
    if !(16..=28).contains(&block.prefix_len()) {
        return Err(Refusal::new("InvalidVpc.Range", format!("The CIDR '{text}' is invalid.")));
    }
    Ok(block)
}

/// A pool of IPAM: there is none here.
pub(crate) fn unknown_ipam_pool(id: &str) -> Refusal {
    Refusal::new("InvalidIpamPoolId.NotFound", format!("The ipam-pool ID '{id}' does not exist"))
}

/// What a request says of IPv6.
pub(super) struct Ipv6Request<'a> {
    pub(super) amazon_provided: bool,
    pub(super) block: Option<&'a str>,
    pub(super) pool: Option<&'a str>,
    pub(super) ipam_pool: Option<&'a str>,
    pub(super) network_border_group: Option<&'a str>,
}

impl Ipv6Request<'_> {
    /// Whether Amazon is to provide a block.
    ///
    /// # Errors
    /// A pool: the account brought no addresses of its own. Parameters that need another.
    pub(super) fn check(&self, cx: &Context<'_>) -> Result<bool, Refusal> {
        let sources = [self.amazon_provided, self.pool.is_some(), self.ipam_pool.is_some()];
        if sources.into_iter().filter(|given| *given).count() > 1 {
            return Err(Refusal::invalid_parameter_combination(
                "Only one of amazonProvidedIpv6CidrBlock, ipv6Pool or ipv6IpamPoolId may be specified.",
            ));
        }
        if let Some(pool) = self.ipam_pool {
            return Err(unknown_ipam_pool(pool));
        }
        if let Some(pool) = self.pool {
            return Err(Refusal::new("InvalidPoolID.NotFound", format!("The pool ID '{pool}' does not exist")));
        }
        if self.block.is_some() {
            return Err(Refusal::missing_parameter("ipv6Pool"));
        }
        if let Some(group) = self.network_border_group {
            if !self.amazon_provided {
                return Err(Refusal::invalid_parameter_combination(
                    "The parameter ipv6CidrBlockNetworkBorderGroup requires amazonProvidedIpv6CidrBlock to be true.",
                ));
            }
            if group != cx.region_name {
                let message = format!("Invalid value '{group}' for ipv6CidrBlockNetworkBorderGroup.");
                return Err(Refusal::invalid_parameter_value(message));
            }
        }
        Ok(self.amazon_provided)
    }
}

/// The next /56 of the range that is reserved for documentation (RFC 3849), so never of someone's real network. No two VPCs of
/// an account get the same, in any region.
pub(super) fn next_ipv6_block(cx: &mut Context<'_>) -> Ipv6Net {
    let account = &mut cx.state.account;
    account.ipv6_blocks += 1;
    let first: u128 = 0x2001_0db8 << 96;
    let nth = u128::from(account.ipv6_blocks % (1 << 24)) << (128 - 56);
    Ipv6Net::new_assert((first | nth).into(), 56)
}

/// A range of the table: a VPC's blocks are of one of them, or public.
const fn range(a: u8, b: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, 0, 0), prefix)
}

const PRIVATE: [Ipv4Net; 3] = [range(10, 0, 8), range(172, 16, 12), range(192, 168, 16)];
/// Inter-network benchmark tests.
const BENCHMARK: Ipv4Net = range(198, 19, 16);

fn meets(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Whether the guide's table forbids a block beside those that a VPC has.
fn is_restricted(vpc: &Vpc, block: Ipv4Net) -> bool {
    let own = PRIVATE.into_iter().find(|range| range.contains(&vpc.cidr_block));
    if PRIVATE.into_iter().any(|range| meets(range, block) && own != Some(range)) {
        return true;
    }
    if meets(BENCHMARK, block) && !BENCHMARK.contains(&vpc.cidr_block) {
        return true;
    }
    let has_10_0 = vpc.cidr_blocks().any(|held| range(10, 0, 15).contains(&held));
    (has_10_0 && meets(range(10, 0, 16), block)) || (own == Some(PRIVATE[1]) && meets(range(172, 31, 16), block))
}

fn check_ipv4(cx: &Context<'_>, vpc: &Vpc, text: &str) -> Result<Ipv4Net, Refusal> {
    let block = checked_cidr_block(text)?;
    let refuse = |message: String| Err(Refusal::new("InvalidVpc.Range", message));
    if vpc.cidr_blocks().any(|held| meets(held, block)) {
        return refuse(format!("The CIDR '{text}' conflicts with another CIDR block of the VPC {}.", vpc.id));
    }
    if is_restricted(vpc, block) {
        return refuse(format!(
            "The CIDR '{text}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or \
             use a publicly-routable CIDR. For additional restrictions, see \
             https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
        ));
    }
    if route_table::leads_into(&cx.region, vpc.id, block) {
        return refuse(format!(
            "The CIDR '{text}' is the same as or larger than the destination of a route in a route table of the VPC {}.",
            vpc.id
        ));
    }
    cx.check_quota_of(&vpc.id.to_string(), &quota::IPV4_CIDR_BLOCKS, |_| vpc.cidr_blocks().count() + 1)?;
    Ok(block)
}

fn too_many_ipv6(vpc: VpcId) -> Refusal {
    let message = format!("This network {vpc} has met its maximum number of allowed CIDRs: {MAX_IPV6_CIDR_BLOCKS}");
    Refusal::new("CidrLimitExceeded", message)
}

/// AssociateVpcCidrBlock: a further IPv4 block, or an IPv6 block that Amazon provides.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateVpcCidrBlock {
    vpc_id: String,
    cidr_block: Option<String>,
    ipv4_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv4NetmaskLength")]
    _ipv4_netmask_length: Option<u8>,
    amazon_provided_ipv6_cidr_block: Option<bool>,
    ipv6_cidr_block: Option<String>,
    ipv6_pool: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv6NetmaskLength")]
    _ipv6_netmask_length: Option<u8>,
    ipv6_cidr_block_network_border_group: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VpcCidrBlockResponse {
    cidr_block_association: Option<CidrAssociationItem>,
    ipv6_cidr_block_association: Option<Ipv6AssociationItem>,
    vpc_id: VpcId,
}

impl AssociateVpcCidrBlock {
    fn ipv6(&self) -> Ipv6Request<'_> {
        Ipv6Request {
            amazon_provided: self.amazon_provided_ipv6_cidr_block.unwrap_or(false),
            block: self.ipv6_cidr_block.as_deref(),
            pool: self.ipv6_pool.as_deref(),
            ipam_pool: self.ipv6_ipam_pool_id.as_deref(),
            network_border_group: self.ipv6_cidr_block_network_border_group.as_deref(),
        }
    }
}

impl Action for AssociateVpcCidrBlock {
    type Response = VpcCidrBlockResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let vpc_id = vpc.id;
        if let Some(pool) = &self.ipv4_ipam_pool_id {
            return Err(unknown_ipam_pool(pool));
        }
        let wants_ipv6 = self.ipv6().check(cx)?;
        match &self.cidr_block {
            Some(_) if wants_ipv6 => Err(Refusal::invalid_parameter_combination(
                "Only one of cidrBlock or amazonProvidedIpv6CidrBlock may be specified.",
            )),
            Some(text) => {
                let block = check_ipv4(cx, vpc, text)?;
                let association = CidrAssociation { id: cx.new_id(), block };
                cx.region.update(vpc_id, |vpc: &mut Vpc| vpc.secondary_cidr_blocks.push(association));
                route_table::add_local_route(&mut cx.region, vpc_id, block);
                let item = CidrAssociationItem::new(association.id, block, "associating");
                Ok(VpcCidrBlockResponse {
                    cidr_block_association: Some(item),
                    ipv6_cidr_block_association: None,
                    vpc_id,
                })
            }
            None if !wants_ipv6 => {
                let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
                Err(Refusal::new("MissingParameter", message))
            }
            None if vpc.ipv6_cidr_blocks.len() >= MAX_IPV6_CIDR_BLOCKS => Err(too_many_ipv6(vpc_id)),
            None => {
                let block = next_ipv6_block(cx);
                let association = CidrAssociation { id: cx.new_id(), block };
                cx.region.update(vpc_id, |vpc: &mut Vpc| vpc.ipv6_cidr_blocks.push(association));
                network_acl::add_ipv6(&mut cx.region, vpc_id);
                route_table::add_local_route(&mut cx.region, vpc_id, block);
                security_group::permit_ipv6_egress(cx, vpc_id);
                let item = Ipv6AssociationItem::new(&association, "associating", cx);
                Ok(VpcCidrBlockResponse {
                    cidr_block_association: None,
                    ipv6_cidr_block_association: Some(item),
                    vpc_id,
                })
            }
        }
    }
}

/// DisassociateVpcCidrBlock: any block but the primary one, as long as no subnet is in it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateVpcCidrBlock {
    association_id: String,
}

fn in_use(vpc: VpcId, block: impl std::fmt::Display) -> Refusal {
    let message = format!("The vpc {vpc} currently has a subnet within CIDR block {block}");
    Refusal::new("InvalidCidrBlock.InUse", message)
}

impl Action for DisassociateVpcCidrBlock {
    type Response = VpcCidrBlockResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let text = &self.association_id;
        let id: VpcCidrAssociationId = text.parse().map_err(|_| {
            let message = format!("The vpc CIDR block association ID '{text}' is malformed");
            Refusal::new("InvalidVpcCidrBlockAssociationId.Malformed", message)
        })?;
        let vpc = cx.region.by_alias::<Vpc>(text).ok_or_else(|| {
            let message = format!("The vpc CIDR block association ID '{text}' does not exist");
            Refusal::new("InvalidVpcCidrBlockAssociationID.NotFound", message)
        })?;
        let vpc_id = vpc.id;
        if id == vpc.cidr_association_id {
            let message = format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary IPv4 CIDR block \
                 of the VPC"
            );
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        let mut response =
            VpcCidrBlockResponse { cidr_block_association: None, ipv6_cidr_block_association: None, vpc_id };
        let holds = |inside: &dyn Fn(&Subnet) -> bool| cx.region.referrers::<Subnet>(vpc_id).any(inside);
        if let Some(held) = vpc.secondary_cidr_blocks.iter().find(|held| held.id == id).copied() {
            if holds(&|subnet| subnet.cidr_block.is_some_and(|inner| held.block.contains(&inner))) {
                return Err(in_use(vpc_id, held.block));
            }
            route_table::remove_local_route(&mut cx.region, vpc_id, held.block);
            response.cidr_block_association = Some(CidrAssociationItem::new(id, held.block, "disassociating"));
        } else if let Some(held) = vpc.ipv6_cidr_blocks.iter().find(|held| held.id == id).copied() {
            if holds(&|subnet| subnet.ipv6_cidr_block().is_some_and(|inner| held.block.contains(&inner))) {
                return Err(in_use(vpc_id, held.block));
            }
            route_table::remove_local_route(&mut cx.region, vpc_id, held.block);
            response.ipv6_cidr_block_association = Some(Ipv6AssociationItem::new(&held, "disassociating", cx));
        }
        cx.region.update(vpc_id, |vpc: &mut Vpc| {
            vpc.secondary_cidr_blocks.retain(|held| held.id != id);
            vpc.ipv6_cidr_blocks.retain(|held| held.id != id);
        });
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use vpcrun_model::{DhcpOptionsId, Id};

    use super::*;
    use crate::family::vpc::Tenancy;
    use crate::state::Tags;

    fn vpc(blocks: &[&str]) -> Vpc {
        let block = |text: &&str| text.parse::<Ipv4Net>().expect("a block");
        let id = VpcCidrAssociationId::from_bits(1);
        Vpc {
            id: VpcId::from_bits(1),
            cidr_block: block(&blocks[0]),
            cidr_association_id: id,
            secondary_cidr_blocks: blocks[1..].iter().map(|text| CidrAssociation { id, block: block(text) }).collect(),
            ipv6_cidr_blocks: Vec::new(),
            dhcp_options_id: Some(DhcpOptionsId::from_bits(1)),
            instance_tenancy: Tenancy::Default,
            is_default: false,
            enable_dns_support: true,
            enable_dns_hostnames: false,
            enable_network_address_usage_metrics: false,
            tags: Tags::new(),
        }
    }

    #[test]
    fn the_guides_table_of_ranges_holds() {
        let restricted: &[(&[&str], &[&str])] = &[
            (&["10.5.0.0/16"], &["172.16.0.0/16", "192.168.0.0/24", "198.19.0.0/24"]),
            (&["10.1.0.0/16"], &["10.0.0.0/16", "10.0.9.0/24"]),
            (&["10.5.0.0/16", "10.0.0.0/24"], &["10.0.9.0/24"]),
            (&["172.16.0.0/16"], &["10.0.0.0/16", "192.168.0.0/24", "172.31.0.0/16", "172.31.4.0/24", "198.19.0.0/16"]),
            (&["192.168.0.0/24"], &["10.0.0.0/16", "172.20.0.0/16", "198.19.0.0/16"]),
            (&["198.19.0.0/24"], &["10.0.0.0/16", "172.20.0.0/16", "192.168.0.0/24"]),
            (&["100.64.0.0/16"], &["10.0.0.0/16", "172.20.0.0/16", "192.168.0.0/24", "198.19.0.0/16"]),
            (&["8.8.0.0/16"], &["10.0.0.0/16", "172.20.0.0/16", "192.168.0.0/24", "198.19.0.0/16"]),
        ];
        let permitted: &[(&[&str], &[&str])] = &[
            (&["10.5.0.0/16"], &["10.0.0.0/16", "10.6.0.0/16", "100.64.0.0/16", "8.8.0.0/16"]),
            (&["10.1.0.0/16"], &["10.2.0.0/16"]),
            (&["172.16.0.0/16"], &["172.17.0.0/16", "100.64.0.0/16", "8.8.0.0/16"]),
            (&["192.168.0.0/24"], &["192.168.1.0/24", "100.64.0.0/16", "8.8.0.0/16"]),
            (&["198.19.0.0/24"], &["198.19.1.0/24", "100.64.0.0/16", "8.8.0.0/16"]),
            (&["100.64.0.0/16"], &["100.65.0.0/16", "8.8.0.0/16"]),
        ];
        for (table, expected) in [(restricted, true), (permitted, false)] {
            for (held, blocks) in table {
                for text in *blocks {
                    let block = text.parse().expect("a block");
                    assert_eq!(is_restricted(&vpc(held), block), expected, "{text} beside {held:?}");
                }
            }
        }
    }
}
