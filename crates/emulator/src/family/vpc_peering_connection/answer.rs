//! AcceptVpcPeeringConnection, RejectVpcPeeringConnection and DeleteVpcPeeringConnection.

use serde::{Deserialize, Serialize};

use super::create::{check_not_joined, is_doomed};
use super::describe::VpcPeeringConnectionItem;
use super::{Side, Status, VpcPeeringConnection, change};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::vpc::Vpc;
use crate::quota;
use crate::state::Resource;
use crate::wire::Reply;

fn invalid_transition(connection: &VpcPeeringConnection, to: &str) -> Refusal {
    let (id, from) = (connection.id, connection.status.code());
    let message = format!("Invalid state transition for {id}, attempted to transition from {from} to {to}");
    Refusal::new("InvalidStateTransition", message)
}

/// # Errors
/// `OperationNotPermitted` where this account or this region is not the one that is asked.
fn check_accepter(cx: &Context<'_>, connection: &VpcPeeringConnection, verb: &str) -> Result<(), Refusal> {
    let (id, accepter) = (connection.id, &connection.accepter);
    let refuse = |message| Err(Refusal::new("OperationNotPermitted", message));
    if accepter.owner_id != cx.account_id() {
        return refuse(format!("User ({}) cannot {verb} peering {id}", cx.account_id()));
    }
    if accepter.region != cx.region_name {
        return refuse(format!(
            "Incorrect region ({}) specified for this request. VPC peering connection {id} must be {verb}ed in region {}",
            cx.region_name, accepter.region
        ));
    }
    Ok(())
}

/// # Errors
/// `ActiveVpcPeeringConnectionPerVpcLimitExceeded` where one more connection is too many for a VPC of this account.
fn check_quota(cx: &Context<'_>, side: &Side) -> Result<(), Refusal> {
    cx.check_quota(&quota::PEERING_CONNECTIONS, |here| {
        let region = if side.region == cx.region_name { Some(here) } else { cx.state.regions.get(&side.region) };
        let connections = region.into_iter().flat_map(|region| region.referrers::<VpcPeeringConnection>(side.vpc_id));
        1 + connections.filter(|connection| matches!(connection.status, Status::Provisioning | Status::Active)).count()
    })
}

/// AcceptVpcPeeringConnection.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AcceptVpcPeeringConnection {
    vpc_peering_connection_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AcceptVpcPeeringConnectionResponse {
    vpc_peering_connection: VpcPeeringConnectionItem,
}

impl Action for AcceptVpcPeeringConnection {
    type Response = AcceptVpcPeeringConnectionResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let connection = cx.find::<VpcPeeringConnection>(&self.vpc_peering_connection_id)?;
        check_accepter(cx, connection, "accept")?;
        if connection.status != Status::PendingAcceptance {
            return Err(invalid_transition(connection, "provisioning"));
        }
        check_not_joined(cx, &connection.requester, &connection.accepter)?;
        // The request did not hold the VPC that it asks for, and both may have got blocks since.
        cx.find::<Vpc>(&connection.accepter.vpc_id.to_string())?;
        check_quota(cx, &connection.requester)?;
        check_quota(cx, &connection.accepter)?;
        let doomed = is_doomed(cx, &connection.requester, &connection.accepter);
        let (id, due) = (connection.id, cx.end_of(Transition::ProvisionVpcPeering));
        change(cx, id, |connection| {
            (connection.status, connection.due, connection.doomed) = (Status::Provisioning, Some(due), doomed);
        });
        let connection = cx.region.get::<VpcPeeringConnection>(id);
        let connection = connection.ok_or_else(|| VpcPeeringConnection::WORDING.not_found(id))?;
        let vpc_peering_connection = VpcPeeringConnectionItem::new(connection, cx);
        Ok(AcceptVpcPeeringConnectionResponse { vpc_peering_connection })
    }
}

/// RejectVpcPeeringConnection.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RejectVpcPeeringConnection {
    vpc_peering_connection_id: String,
}

impl Action for RejectVpcPeeringConnection {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let connection = cx.find::<VpcPeeringConnection>(&self.vpc_peering_connection_id)?;
        check_accepter(cx, connection, "reject")?;
        if connection.status != Status::PendingAcceptance {
            return Err(invalid_transition(connection, "rejected"));
        }
        let (id, due, by) = (connection.id, cx.end_of(Transition::ForgetVpcPeering), cx.account_id().to_owned());
        change(cx, id, |connection| {
            (connection.status, connection.due) = (Status::Rejected { by: by.clone() }, Some(due));
        });
        Ok(Reply::TRUE)
    }
}

/// DeleteVpcPeeringConnection: an active one, or a request of one's own. Routes stay, as blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteVpcPeeringConnection {
    vpc_peering_connection_id: String,
}

impl Action for DeleteVpcPeeringConnection {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let connection = cx.find::<VpcPeeringConnection>(&self.vpc_peering_connection_id)?;
        if !matches!(
            connection.status,
            Status::InitiatingRequest | Status::PendingAcceptance | Status::Provisioning | Status::Active
        ) {
            return Err(invalid_transition(connection, "deleting"));
        }
        let (id, due) = (connection.id, cx.end_of(Transition::DeleteVpcPeering));
        change(cx, id, |connection| {
            (connection.status, connection.due, connection.doomed) = (Status::Deleting, Some(due), false);
        });
        Ok(Reply::TRUE)
    }
}
