//! Groups as peers of rules: of the same VPC, or of one that shares a group with it.

use super::SecurityGroup;
use super::permission::Peer;
use crate::error::Refusal;

impl SecurityGroup {
    /// Whether network interfaces of the two groups can be in one VPC.
    pub(super) fn shares_vpc(&self, other: &Self) -> bool {
        self.serves(other.vpc_id) || other.serves(self.vpc_id)
    }
}

/// A group as a peer of another.
///
/// # Errors
/// `InvalidGroup.NotFound` where they are of no common VPC.
pub(super) fn peer_group(peer: &SecurityGroup, group: &SecurityGroup) -> Result<Peer, Refusal> {
    if peer.shares_vpc(group) {
        return Ok(Peer::Group(peer.id));
    }
    let message = "You have specified two resources that belong to different networks.".to_owned();
    Err(Refusal::new("InvalidGroup.NotFound", message))
}
