//! DescribeVpcPeeringConnections, and how VPC peering connections stand in answers.

use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{VpcId, VpcPeeringConnectionId};

use super::{Side, Status, VpcPeeringConnection, region};
use crate::action::Context;
use crate::describe::{FilterTable, describe, optional, text};
use crate::family::route_table::{RouteDestination, RouteTable};
use crate::family::tag::{TagItem, tag_set};
use crate::family::vpc::Vpc;
use crate::wire::Items;

impl VpcPeeringConnection {
    const FILTERS: FilterTable<Self> = &[
        ("accepter-vpc-info.cidr-block", |connection, cx| optional(cidr_block(connection, &connection.accepter, cx))),
        ("accepter-vpc-info.owner-id", |connection, _| text(&connection.accepter.owner_id)),
        ("accepter-vpc-info.vpc-id", |connection, _| text(connection.accepter.vpc_id)),
        ("expiration-time", |connection, _| optional(connection.shown_expiration_time())),
        ("requester-vpc-info.cidr-block", |connection, cx| optional(cidr_block(connection, &connection.requester, cx))),
        ("requester-vpc-info.owner-id", |connection, _| text(&connection.requester.owner_id)),
        ("requester-vpc-info.vpc-id", |connection, _| text(connection.requester.vpc_id)),
        ("status-code", |connection, _| text(connection.status.code())),
        ("status-message", |connection, _| text(connection.status_message())),
        ("vpc-peering-connection-id", |connection, _| text(connection.id)),
    ];

    /// The time is of no more interest when the request was accepted.
    fn shown_expiration_time(&self) -> Option<String> {
        let accepted =
            matches!(self.status, Status::Provisioning | Status::Active | Status::Deleting | Status::Deleted { .. });
        (!accepted).then(|| self.expiration_time.to_string())
    }

    /// The requester sees its own blocks from the start, both see the other's once they are joined.
    fn shows_blocks(&self, side: &Side) -> bool {
        self.is_active() || *side == self.requester
    }
}

/// A VPC peering connection in an answer.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VpcPeeringConnectionItem {
    accepter_vpc_info: VpcInfo,
    expiration_time: Option<String>,
    requester_vpc_info: VpcInfo,
    status: StateReason,
    tag_set: Items<TagItem>,
    vpc_peering_connection_id: VpcPeeringConnectionId,
}

#[derive(Serialize)]
struct StateReason {
    code: &'static str,
    message: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VpcInfo {
    cidr_block: Option<String>,
    cidr_block_set: Option<Items<CidrBlock>>,
    ipv6_cidr_block_set: Option<Items<Ipv6CidrBlock>>,
    owner_id: String,
    peering_options: Option<Options>,
    vpc_id: VpcId,
    region: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CidrBlock {
    cidr_block: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ipv6CidrBlock {
    ipv6_cidr_block: String,
}

/// What a VPC lets the other one do. EC2-Classic is gone, its options are always off.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options {
    allow_dns_resolution_from_remote_vpc: bool,
    allow_egress_from_local_classic_link_to_remote_vpc: bool,
    allow_egress_from_local_vpc_to_remote_classic_link: bool,
}

impl Options {
    pub(super) fn of(side_allows_dns: bool) -> Self {
        Self {
            allow_dns_resolution_from_remote_vpc: side_allows_dns,
            allow_egress_from_local_classic_link_to_remote_vpc: false,
            allow_egress_from_local_vpc_to_remote_classic_link: false,
        }
    }
}

/// The VPC of a side, where this account has it.
pub(super) fn vpc<'c>(side: &Side, cx: &'c Context<'_>) -> Option<&'c Vpc> {
    let held = side.owner_id == cx.account_id();
    region(cx, &side.region).filter(|_| held).and_then(|region| region.get::<Vpc>(side.vpc_id))
}

/// All blocks of a side's VPC.
pub(super) fn blocks<'c>(side: &Side, cx: &'c Context<'_>) -> impl Iterator<Item = RouteDestination> + use<'c> {
    let held = side.owner_id == cx.account_id();
    let main =
        region(cx, &side.region).filter(|_| held).and_then(|region| RouteTable::main_table_of(region, side.vpc_id));
    main.into_iter().flat_map(RouteTable::local_blocks)
}

fn cidr_block(connection: &VpcPeeringConnection, side: &Side, cx: &Context<'_>) -> Option<String> {
    let vpc = vpc(side, cx).filter(|_| connection.shows_blocks(side))?;
    Some(vpc.cidr_block.to_string())
}

impl VpcInfo {
    fn new(connection: &VpcPeeringConnection, side: &Side, cx: &Context<'_>) -> Self {
        let cidr_block = cidr_block(connection, side, cx);
        let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
        for block in blocks(side, cx).filter(|_| cidr_block.is_some()) {
            match block {
                RouteDestination::Ipv4(block) => ipv4.push(CidrBlock { cidr_block: block.to_string() }),
                RouteDestination::Ipv6(block) => ipv6.push(Ipv6CidrBlock { ipv6_cidr_block: block.to_string() }),
                RouteDestination::PrefixList(_) => {}
            }
        }
        Self {
            cidr_block_set: cidr_block.is_some().then(|| ipv4.into()),
            ipv6_cidr_block_set: (!ipv6.is_empty()).then(|| ipv6.into()),
            owner_id: side.owner_id.clone(),
            peering_options: cidr_block.is_some().then(|| Options::of(side.allow_dns_resolution)),
            vpc_id: side.vpc_id,
            region: side.region.clone(),
            cidr_block,
        }
    }
}

impl VpcPeeringConnectionItem {
    pub(super) fn new(connection: &VpcPeeringConnection, cx: &Context<'_>) -> Self {
        Self {
            accepter_vpc_info: VpcInfo::new(connection, &connection.accepter, cx),
            expiration_time: connection.shown_expiration_time(),
            requester_vpc_info: VpcInfo::new(connection, &connection.requester, cx),
            status: StateReason { code: connection.status.code(), message: connection.status_message() },
            tag_set: tag_set(&connection.tags),
            vpc_peering_connection_id: connection.id,
        }
    }
}

describe!(
    /// DescribeVpcPeeringConnections: those that end in the region, wherever the other end is.
    DescribeVpcPeeringConnections, "VpcPeeringConnectionId" of VpcPeeringConnection,
    vpc_peering_connection_set: VpcPeeringConnectionItem, VpcPeeringConnectionItem::new
);
