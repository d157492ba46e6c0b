//! Groups as peers of rules: of the same VPC, of one that shares a group with it, or of one that is peered with it.
//!
//! Sources: "Security group referencing" in the Amazon VPC Peering Guide, UserIdGroupPair and ReferencedSecurityGroup in the EC2 API
//! Reference.

use serde::{Deserialize, Serialize};
use vpcrun_model::{SecurityGroupId, VpcId, VpcPeeringConnectionId};

use super::SecurityGroup;
use super::permission::Peer;
use crate::action::Context;
use crate::error::Refusal;
use crate::family::vpc_peering_connection::VpcPeeringConnection;
use crate::state::Resource;

/// A group of a VPC that was peered when the rule was made. The group and the connection may be gone: the rule is stale then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct PeeredGroup {
    pub(super) group: SecurityGroupId,
    pub(super) vpc: VpcId,
    pub(super) connection: VpcPeeringConnectionId,
}

impl PeeredGroup {
    /// The account of the group; none once the group is deleted.
    pub(super) fn user_id(self, cx: &Context<'_>) -> Option<String> {
        cx.region.get::<SecurityGroup>(self.group).map(|_| cx.account_id().to_owned())
    }

    /// The status of the connection; a connection that is forgotten was deleted.
    pub(super) fn status(self, cx: &Context<'_>) -> &'static str {
        cx.region.get::<VpcPeeringConnection>(self.connection).map_or("deleted", VpcPeeringConnection::status_code)
    }

    /// Whether the rule no longer lets anyone through.
    pub(super) fn is_stale(self, cx: &Context<'_>) -> bool {
        let is_active =
            cx.region.get::<VpcPeeringConnection>(self.connection).is_some_and(VpcPeeringConnection::is_active);
        !is_active || cx.region.get::<SecurityGroup>(self.group).is_none()
    }
}

/// The active connection between two VPCs of the region.
fn connection(cx: &Context<'_>, vpc: VpcId, peer: VpcId) -> Option<VpcPeeringConnectionId> {
    let mut connections = cx.region.referrers::<VpcPeeringConnection>(vpc);
    let joins = |connection: &&VpcPeeringConnection| {
        connection.is_active() && connection.peer_of(vpc) == Some((peer, cx.region_name))
    };
    connections.find(joins).map(Resource::id)
}

impl SecurityGroup {
    /// Whether network interfaces of the two groups can be in one VPC.
    pub(super) fn shares_vpc(&self, other: &Self) -> bool {
        self.serves(other.vpc_id) || other.serves(self.vpc_id)
    }
}

/// A group as a peer of another.
///
/// # Errors
/// `InvalidGroup.NotFound` where no VPC or connection joins them.
pub(super) fn peer_group(cx: &Context<'_>, peer: &SecurityGroup, group: &SecurityGroup) -> Result<Peer, Refusal> {
    if peer.shares_vpc(group) {
        return Ok(Peer::Group(peer.id));
    }
    let peered = |connection| Peer::PeeredGroup(PeeredGroup { group: peer.id, vpc: peer.vpc_id, connection });
    connection(cx, group.vpc_id, peer.vpc_id).map(peered).ok_or_else(|| {
        let message = "You have specified two resources that belong to different networks.".to_owned();
        Refusal::new("InvalidGroup.NotFound", message)
    })
}
