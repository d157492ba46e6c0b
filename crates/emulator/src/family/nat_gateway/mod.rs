//! NAT gateways, public and private. A gateway's addresses are those of the network interface that EC2 makes for it in its subnet.
//!
//! Sources: CreateNatGateway, DeleteNatGateway, DescribeNatGateways, AssociateNatGatewayAddress, AssignPrivateNatGatewayAddress and
//! their counterparts; "NAT gateways" in the Amazon VPC User Guide.

mod address;
mod create;
mod describe;
mod lifecycle;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::{AddressAssociationId, AllocationId, NatGatewayId, NetworkInterfaceId, ResourceId, SubnetId, VpcId};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::state::{Tags, resource};

use address::{
    AssignPrivateNatGatewayAddress, AssociateNatGatewayAddress, DisassociateNatGatewayAddress,
    UnassignPrivateNatGatewayAddress,
};
use create::CreateNatGateway;
use describe::DescribeNatGateways;
use lifecycle::DeleteNatGateway;

actions![
    AssignPrivateNatGatewayAddress,
    AssociateNatGatewayAddress,
    CreateNatGateway,
    DeleteNatGateway,
    DescribeNatGateways,
    DisassociateNatGatewayAddress,
    UnassignPrivateNatGatewayAddress,
];

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NatGateway {
    id: NatGatewayId,
    pub(crate) vpc_id: VpcId,
    subnet_id: SubnetId,
    connectivity_type: ConnectivityType,
    state: NatGatewayState,
    /// When it leaves this state by itself.
    due: Option<Timestamp>,
    create_time: Timestamp,
    delete_time: Option<Timestamp>,
    /// Why it will fail, or has failed.
    failure: Option<Failure>,
    /// The primary one first. They stay on view when the gateway is gone and its interface with it.
    addresses: Vec<NatGatewayAddress>,
    tags: Tags,
}

resource!(
    NatGateway as NatGateway,
    NatGatewayId,
    "natgateway",
    IdWording { noun: "natGateway", not_found: "NatGatewayNotFound", malformed: "NatGatewayMalformed" },
    fn references(&self) -> Vec<ResourceId> {
        if self.is_gone() { Vec::new() } else { vec![self.vpc_id.into(), self.subnet_id.into()] }
    },
    fn due(&self) -> Option<Timestamp> {
        self.addresses.iter().filter_map(|address| address.due).chain(self.due).min()
    },
    fn advance(cx: &mut Context<'_>, id: NatGatewayId, at: Timestamp) {
        lifecycle::advance(cx, id, at);
    }
);

/// Where packets leave: through the internet gateway under an Elastic IP address, or inside private networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ConnectivityType {
    Private,
    #[default]
    Public,
}

/// Where a gateway is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NatGatewayState {
    Pending,
    Failed,
    Available,
    Deleting,
    Deleted,
}

impl NatGatewayState {
    const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

/// Why a gateway could not be created: EC2 finds that out after it has answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Failure {
    code: String,
    message: String,
}

/// An address of a gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NatGatewayAddress {
    allocation_id: Option<AllocationId>,
    association_id: Option<AddressAssociationId>,
    network_interface_id: Option<NetworkInterfaceId>,
    private_ip: Option<Ipv4Addr>,
    public_ip: Option<Ipv4Addr>,
    status: AddressStatus,
    /// When it leaves this status by itself.
    due: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AddressStatus {
    Assigning,
    Unassigning,
    Associating,
    Disassociating,
    Succeeded,
    Failed,
}

impl AddressStatus {
    /// Whether connections still drain from the address, which then goes.
    fn is_leaving(self) -> bool {
        matches!(self, Self::Unassigning | Self::Disassociating)
    }
}

impl NatGateway {
    /// Whether it is no more than a memory.
    fn is_gone(&self) -> bool {
        matches!(self.state, NatGatewayState::Failed | NatGatewayState::Deleted)
    }

    /// Whether packets can be led to it, or soon.
    pub(crate) fn takes_routes(&self) -> bool {
        matches!(self.state, NatGatewayState::Pending | NatGatewayState::Available)
    }
}

/// The gateway with this id.
///
/// # Errors
/// `NatGatewayMalformed` or `NatGatewayNotFound`: these are worded unlike those of other kinds.
fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c NatGateway, Refusal> {
    let parsed: NatGatewayId = id
        .parse()
        .map_err(|_| Refusal::new("NatGatewayMalformed", format!("The nat-gateway ID '{id}' is malformed")))?;
    cx.region.get(parsed).ok_or_else(|| not_found(id))
}

fn not_found(id: impl std::fmt::Display) -> Refusal {
    Refusal::new("NatGatewayNotFound", format!("The Nat Gateway {id} was not found"))
}
