//! ModifyVpcPeeringConnectionOptions: whether a VPC's names resolve to private addresses for the other one.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::describe::Options;
use super::{Side, VpcPeeringConnection, change};
use crate::action::{Action, Context};
use crate::error::Refusal;

/// ModifyVpcPeeringConnectionOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyVpcPeeringConnectionOptions {
    accepter_peering_connection_options: Option<Wanted>,
    requester_peering_connection_options: Option<Wanted>,
    vpc_peering_connection_id: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wanted {
    allow_dns_resolution_from_remote_vpc: Option<bool>,
    allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
    allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModifyVpcPeeringConnectionOptionsResponse {
    accepter_peering_connection_options: Option<Options>,
    requester_peering_connection_options: Option<Options>,
}

impl Wanted {
    /// # Errors
    /// A wish for EC2-Classic, which is gone, or one for a VPC that this account and region do not have.
    fn check(self, cx: &Context<'_>, side: &Side, noun: &str) -> Result<(), Refusal> {
        let classic = [
            self.allow_egress_from_local_classic_link_to_remote_vpc,
            self.allow_egress_from_local_vpc_to_remote_classic_link,
        ];
        if classic.contains(&Some(true)) {
            let message = "ClassicLink is no longer supported.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        if side.owner_id != cx.account_id() || side.region != cx.region_name {
            let message =
                format!("Peering options of the {noun} VPC can be modified only by its owner, in its region.");
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        Ok(())
    }

    fn apply(wanted: Option<Self>, side: &mut Side) {
        let dns = wanted.and_then(|wanted| wanted.allow_dns_resolution_from_remote_vpc);
        side.allow_dns_resolution = dns.unwrap_or(side.allow_dns_resolution);
    }
}

impl Action for ModifyVpcPeeringConnectionOptions {
    type Response = ModifyVpcPeeringConnectionOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let (accepter, requester) =
            (self.accepter_peering_connection_options, self.requester_peering_connection_options);
        if accepter.is_none() && requester.is_none() {
            let message = "The request must contain at least one of: accepterPeeringConnectionOptions, \
                           requesterPeeringConnectionOptions";
            return Err(Refusal::new("MissingParameter", message.to_owned()));
        }
        let connection = cx.find::<VpcPeeringConnection>(&self.vpc_peering_connection_id)?;
        let id = connection.id;
        if !connection.is_active() {
            let message = format!("Peering {id} is not active. Peering options can be added only to active peerings.");
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        accepter.map_or(Ok(()), |wanted| wanted.check(cx, &connection.accepter, "accepter"))?;
        requester.map_or(Ok(()), |wanted| wanted.check(cx, &connection.requester, "requester"))?;
        change(cx, id, |connection| {
            Wanted::apply(accepter, &mut connection.accepter);
            Wanted::apply(requester, &mut connection.requester);
        });
        let now = |side: fn(&VpcPeeringConnection) -> &Side| {
            let connection = cx.region.get::<VpcPeeringConnection>(id);
            connection.map(|connection| Options::of(side(connection).allow_dns_resolution))
        };
        Ok(ModifyVpcPeeringConnectionOptionsResponse {
            accepter_peering_connection_options: accepter.and_then(|_| now(|connection| &connection.accepter)),
            requester_peering_connection_options: requester.and_then(|_| now(|connection| &connection.requester)),
        })
    }
}
