//! CreateVpcPeeringConnection. That the other VPC does not exist, or has the same addresses, EC2 finds out after it has answered.

use serde::{Deserialize, Serialize};
use vpcrun_model::VpcId;

use super::describe::{VpcPeeringConnectionItem, blocks, vpc};
use super::{Side, Status, VpcPeeringConnection};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::family::zone;
use crate::quota;
use crate::state::{Resource, Tags};

/// CreateVpcPeeringConnection.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateVpcPeeringConnection {
    peer_owner_id: Option<String>,
    peer_region: Option<String>,
    peer_vpc_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    vpc_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateVpcPeeringConnectionResponse {
    vpc_peering_connection: VpcPeeringConnectionItem,
}

impl CreateVpcPeeringConnection {
    /// The VPC that is asked, which need not exist.
    fn accepter(&self, cx: &Context<'_>) -> Result<Side, Refusal> {
        let peer = self.peer_vpc_id.as_deref().ok_or_else(|| Refusal::missing_parameter("peerVpcId"))?;
        let vpc_id = peer.parse().map_err(|_| Vpc::WORDING.malformed::<VpcId>(peer))?;
        let owner_id = self.peer_owner_id.as_deref().unwrap_or(cx.account_id());
        if owner_id.len() != 12 || !owner_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({owner_id}) for parameter peerOwnerId is invalid. Account IDs have 12 digits."
            )));
        }
        let region = self.peer_region.as_deref().unwrap_or(cx.region_name);
        if !zone::is_region(region) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({region}) for parameter peerRegion is invalid. There is no region with this name."
            )));
        }
        let (owner_id, region) = (owner_id.to_owned(), region.to_owned());
        Ok(Side { vpc_id, owner_id, region, allow_dns_resolution: false })
    }
}

/// Whether the request will fail: the other VPC is not there, or addresses would be in both.
pub(super) fn is_doomed(cx: &Context<'_>, requester: &Side, accepter: &Side) -> bool {
    let own_account = accepter.owner_id == requester.owner_id;
    let overlaps =
        blocks(requester, cx).any(|own| blocks(accepter, cx).any(|other| own.contains(&other) || other.contains(&own)));
    own_account && (vpc(accepter, cx).is_none() || overlaps)
}

/// # Errors
/// `VpcPeeringConnectionAlreadyExists`: two VPCs are joined once.
pub(super) fn check_not_joined(cx: &Context<'_>, requester: &Side, accepter: &Side) -> Result<(), Refusal> {
    let ends = |connection: &VpcPeeringConnection| {
        let (a, b) = (connection.requester.vpc_id, connection.accepter.vpc_id);
        (a, b) == (requester.vpc_id, accepter.vpc_id) || (b, a) == (requester.vpc_id, accepter.vpc_id)
    };
    let joined = |connection: &VpcPeeringConnection| matches!(connection.status, Status::Active | Status::Provisioning);
    if cx.region.all::<VpcPeeringConnection>().any(|connection| joined(connection) && ends(connection)) {
        let message = "A VPC peering connection between the VPCs already exists.".to_owned();
        return Err(Refusal::new("VpcPeeringConnectionAlreadyExists", message));
    }
    Ok(())
}

impl Action for CreateVpcPeeringConnection {
    type Response = CreateVpcPeeringConnectionResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["vpc-peering-connection"], "vpc-peering-connection")?;
        let accepter = self.accepter(cx)?;
        let requester = Side {
            vpc_id: cx.find::<Vpc>(&self.vpc_id)?.id,
            owner_id: cx.account_id().to_owned(),
            region: cx.region_name.to_owned(),
            allow_dns_resolution: false,
        };
        check_not_joined(cx, &requester, &accepter)?;
        cx.check_quota(&quota::OUTSTANDING_PEERING_CONNECTIONS, |region| {
            1 + region.all::<VpcPeeringConnection>().filter(|connection| connection.is_outstanding()).count()
        })?;
        let connection = VpcPeeringConnection {
            id: cx.new_id(),
            home: cx.region_name.to_owned(),
            status: Status::InitiatingRequest,
            doomed: is_doomed(cx, &requester, &accepter),
            due: Some(cx.end_of(Transition::InitiateVpcPeering)),
            expiration_time: cx.end_of(Transition::ExpireVpcPeering),
            requester,
            accepter,
            tags,
        };
        cx.region.put(connection.clone());
        let (elsewhere, home) = (connection.accepter.region != connection.home, connection.accepter.region.clone());
        let held = connection.accepter.owner_id == connection.requester.owner_id && !connection.doomed;
        if elsewhere
            && held
            && let Some(other) = cx.state.regions.get_mut(&home)
        {
            other.put(VpcPeeringConnection { home, tags: Tags::new(), ..connection.clone() });
        }
        let vpc_peering_connection = VpcPeeringConnectionItem::new(&connection, cx);
        Ok(CreateVpcPeeringConnectionResponse { vpc_peering_connection })
    }
}
