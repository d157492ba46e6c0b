//! DeleteVpcEndpoints.

use serde::{Deserialize, Serialize};
use vpcrun_model::VpcEndpointId;

use super::{EndpointState, VpcEndpoint, malformed, placement, unknown};
use crate::action::{Action, Context};
use crate::clock::Transition;
use crate::error::Refusal;
use crate::wire::Items;

/// DeleteVpcEndpoints: each by itself; what is not there is told, and hinders nothing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteVpcEndpoints {
    #[serde(rename = "VpcEndpointId", default)]
    ids: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct DeleteVpcEndpointsResponse {
    unsuccessful: Items<UnsuccessfulItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnsuccessfulItem {
    error: UnsuccessfulError,
    resource_id: String,
}

#[derive(Serialize)]
struct UnsuccessfulError {
    code: String,
    message: String,
}

impl UnsuccessfulItem {
    fn new(id: &str, refusal: Refusal) -> Self {
        let error = UnsuccessfulError { code: refusal.code.into_owned(), message: refusal.message };
        Self { error, resource_id: id.to_owned() }
    }
}

impl Action for DeleteVpcEndpoints {
    type Response = DeleteVpcEndpointsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if self.ids.is_empty() {
            return Err(Refusal::missing_parameter("VpcEndpointId"));
        }
        let parse = |text: &String| {
            text.parse::<VpcEndpointId>()
                .map_err(|_| malformed("InvalidVpcEndpointId.Malformed", "Vpc Endpoint Id", text, "vpce"))
        };
        let ids = self.ids.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let mut unsuccessful = Vec::new();
        for (id, text) in ids.into_iter().zip(&self.ids) {
            if cx.region.get::<VpcEndpoint>(id).is_some() {
                delete(cx, id);
            } else {
                unsuccessful.push(UnsuccessfulItem::new(text, unknown(text)));
            }
        }
        Ok(DeleteVpcEndpointsResponse { unsuccessful: unsuccessful.into() })
    }
}

/// Starts the deletion: routes go at once, interfaces stay until it is over.
fn delete(cx: &mut Context<'_>, id: VpcEndpointId) {
    let Some(endpoint) = cx.region.get::<VpcEndpoint>(id).filter(|endpoint| endpoint.is_alive()) else { return };
    let tables = endpoint.route_tables(&cx.region);
    let due = cx.end_of(Transition::DeleteEndpoint);
    placement::remove_routes(cx, id, &tables);
    cx.region.update(id, |endpoint: &mut VpcEndpoint| {
        endpoint.state = EndpointState::Deleting;
        endpoint.due = Some(due);
    });
}
