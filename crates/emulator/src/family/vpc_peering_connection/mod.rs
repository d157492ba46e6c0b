//! VPC peering connections: asked for by the owner of one VPC, accepted by the owner of the other.
//!
//! A connection between regions is in the state of both, as one record in each; every change is made to both at once. The other
//! account of a connection between accounts is not held: its owner never answers, and the request expires.
//!
//! Sources: CreateVpcPeeringConnection, AcceptVpcPeeringConnection and their neighbours; "VPC peering connection lifecycle" in the
//! Amazon VPC Peering Guide; messages quoted by Terraform's AWS provider; answers recorded on AWS.

mod answer;
mod create;
mod describe;
mod options;

use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, VpcId, VpcPeeringConnectionId};

use crate::action::{Context, actions};
use crate::clock::{Timestamp, Transition};
use crate::error::IdWording;
use crate::state::{Region, Tags, resource};

use answer::{AcceptVpcPeeringConnection, DeleteVpcPeeringConnection, RejectVpcPeeringConnection};
use create::CreateVpcPeeringConnection;
use describe::DescribeVpcPeeringConnections;
use options::ModifyVpcPeeringConnectionOptions;

actions![
    AcceptVpcPeeringConnection,
    CreateVpcPeeringConnection,
    DeleteVpcPeeringConnection,
    DescribeVpcPeeringConnections,
    ModifyVpcPeeringConnectionOptions,
    RejectVpcPeeringConnection,
];

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcPeeringConnection {
    id: VpcPeeringConnectionId,
    /// The region whose state this record is in.
    home: String,
    requester: Side,
    accepter: Side,
    status: Status,
    /// Why the request will fail, found out after the answer.
    doomed: bool,
    /// When it leaves this status by itself.
    due: Option<Timestamp>,
    expiration_time: Timestamp,
    tags: Tags,
}

resource!(
    VpcPeeringConnection as VpcPeeringConnection,
    VpcPeeringConnectionId,
    "vpc-peering-connection",
    IdWording {
        noun: "vpcPeeringConnection",
        not_found: "InvalidVpcPeeringConnectionID.NotFound",
        malformed: "InvalidVpcPeeringConnectionId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        // A request that nobody accepted does not hold the VPC that it asks for.
        let sides: &[&Side] = match self.status {
            _ if self.doomed => &[],
            Status::InitiatingRequest | Status::PendingAcceptance | Status::Deleting => &[&self.requester],
            Status::Provisioning | Status::Active => &[&self.requester, &self.accepter],
            Status::Failed | Status::Rejected { .. } | Status::Expired | Status::Deleted { .. } => &[],
        };
        sides.iter().filter(|side| side.region == self.home).map(|side| side.vpc_id.into()).collect()
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: VpcPeeringConnectionId, at: Timestamp) {
        advance(cx, id, at);
    }
);

/// One of the two VPCs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Side {
    vpc_id: VpcId,
    owner_id: String,
    region: String,
    allow_dns_resolution: bool,
}

/// Where a connection is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Status {
    InitiatingRequest,
    PendingAcceptance,
    Provisioning,
    Active,
    Deleting,
    Deleted {
        /// The account.
        by: String,
    },
    Rejected {
        /// The account.
        by: String,
    },
    Expired,
    Failed,
}

impl Status {
    const fn code(&self) -> &'static str {
        match self {
            Self::InitiatingRequest => "initiating-request",
            Self::PendingAcceptance => "pending-acceptance",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Deleting => "deleting",
            Self::Deleted { .. } => "deleted",
            Self::Rejected { .. } => "rejected",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

impl VpcPeeringConnection {
    pub(crate) fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// Whether it is a request from its region that waits for an answer.
    fn is_outstanding(&self) -> bool {
        let waits = matches!(self.status, Status::InitiatingRequest | Status::PendingAcceptance);
        waits && self.requester.region == self.home
    }

    pub(crate) fn status_code(&self) -> &'static str {
        self.status.code()
    }

    /// Whether it joins the VPC to another one, or is asked to: it can be the target of a route.
    pub(crate) fn takes_routes_of(&self, vpc: VpcId) -> bool {
        let mut sides = [&self.requester, &self.accepter].into_iter();
        let open = matches!(
            self.status,
            Status::InitiatingRequest | Status::PendingAcceptance | Status::Provisioning | Status::Active
        );
        open && sides.any(|side| side.vpc_id == vpc && side.region == self.home)
    }

    /// The VPC at the other end, if it is of this account, and its region.
    pub(crate) fn peer_of(&self, vpc: VpcId) -> Option<(VpcId, &str)> {
        let (local, peer) = if self.requester.vpc_id == vpc {
            (&self.requester, &self.accepter)
        } else {
            (&self.accepter, &self.requester)
        };
        let held = local.vpc_id == vpc && local.owner_id == peer.owner_id;
        held.then_some((peer.vpc_id, peer.region.as_str()))
    }

    fn status_message(&self) -> String {
        let accepter = &self.accepter.owner_id;
        match &self.status {
            Status::InitiatingRequest => format!("Initiating Request to {accepter}"),
            Status::PendingAcceptance => format!("Pending Acceptance by {accepter}"),
            Status::Provisioning => "Provisioning".to_owned(),
            Status::Active => "Active".to_owned(),
            Status::Deleting => "Deleting".to_owned(),
            Status::Deleted { by } => format!("Deleted by {by}"),
            Status::Rejected { by } => format!("Rejected by {by}"),
            Status::Expired => "Expired".to_owned(),
            Status::Failed => "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned(),
        }
    }
}

/// Moves a connection to a status in all regions that have it.
fn change(cx: &mut Context<'_>, id: VpcPeeringConnectionId, update: impl Fn(&mut VpcPeeringConnection)) {
    let Some(connection) = cx.region.get::<VpcPeeringConnection>(id) else { return };
    let regions = [connection.requester.region.clone(), connection.accepter.region.clone()];
    let mut changed = connection.clone();
    update(&mut changed);
    for region in regions {
        if region == cx.region_name {
            cx.region.put(changed.clone());
        } else if let Some(other) = cx.state.regions.get_mut(&region) {
            // A record may be behind in a region that was not asked for long; its tags are its own.
            other.update(id, |record: &mut VpcPeeringConnection| {
                *record = VpcPeeringConnection {
                    home: region.clone(),
                    tags: std::mem::take(&mut record.tags),
                    ..changed.clone()
                };
            });
        }
    }
}

/// The region of this name, be it the one of the request or another.
fn region<'c>(cx: &'c Context<'_>, name: &str) -> Option<&'c Region> {
    if name == cx.region_name { Some(&cx.region) } else { cx.state.regions.get(name) }
}

/// Carries out what was due at `at`. Both records of a connection between regions do this by themselves.
fn advance(cx: &mut Context<'_>, id: VpcPeeringConnectionId, at: Timestamp) {
    let Some(connection) = cx.region.get::<VpcPeeringConnection>(id) else { return };
    let mut connection = connection.clone();
    let after = |transition| Some(at.after(cx.options.transition_times.of(transition)));
    (connection.status, connection.due) = match connection.status {
        Status::InitiatingRequest | Status::Provisioning if connection.doomed => {
            (Status::Failed, after(Transition::ForgetVpcPeering))
        }
        Status::InitiatingRequest => (Status::PendingAcceptance, Some(connection.expiration_time)),
        Status::PendingAcceptance => (Status::Expired, after(Transition::ForgetExpiredVpcPeering)),
        Status::Provisioning => (Status::Active, None),
        Status::Deleting => {
            let by = cx.options.account_id.clone();
            (Status::Deleted { by }, after(Transition::ForgetVpcPeering))
        }
        Status::Active => (Status::Active, None),
        Status::Deleted { .. } | Status::Rejected { .. } | Status::Expired | Status::Failed => {
            return cx.region.remove(id);
        }
    };
    cx.region.put(connection);
}
