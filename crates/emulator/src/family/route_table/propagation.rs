//! EnableVgwRoutePropagation and DisableVgwRoutePropagation.
//!
//! What a gateway would propagate are the routes of its VPN connections. The emulator has none, so that no route follows.

use serde::Deserialize;
use vpcrun_model::VpnGatewayId;

use super::RouteTable;
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::vpn_gateway::VpnGateway;
use crate::state::Resource;
use crate::wire::Reply;

/// The gateway that a request names, which has to be attached to the table's VPC.
fn checked(
    cx: &Context<'_>,
    table: &str,
    gateway: &str,
) -> Result<(vpcrun_model::RouteTableId, VpnGatewayId), Refusal> {
    let table = cx.find::<RouteTable>(table)?;
    let unknown = |_| Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{gateway}' does not exist"));
    let gateway = cx.find::<VpnGateway>(gateway).map_err(unknown)?;
    if gateway.vpc() != Some(table.vpc_id) {
        let message = format!("resource {} is not attached to network {}", gateway.id(), table.vpc_id);
        return Err(Refusal::new("Gateway.NotAttached", message));
    }
    Ok((table.id, gateway.id()))
}

/// EnableVgwRoutePropagation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct EnableVgwRoutePropagation {
    gateway_id: String,
    route_table_id: String,
}

impl Action for EnableVgwRoutePropagation {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let (table, gateway) = checked(cx, &self.route_table_id, &self.gateway_id)?;
        let at_edge = cx.region.get::<RouteTable>(table).is_some_and(RouteTable::is_at_edge);
        if at_edge {
            let message = format!("route table {table} is associated with a gateway and cannot propagate routes");
            return Err(Refusal::invalid_parameter_value(message));
        }
        cx.region.update(table, |table: &mut RouteTable| {
            if !table.propagating_vgws.contains(&gateway) {
                table.propagating_vgws.push(gateway);
            }
        });
        Ok(Reply::TRUE)
    }
}

/// DisableVgwRoutePropagation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisableVgwRoutePropagation {
    gateway_id: String,
    route_table_id: String,
}

impl Action for DisableVgwRoutePropagation {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let (table, gateway) = checked(cx, &self.route_table_id, &self.gateway_id)?;
        cx.region.update(table, |table: &mut RouteTable| table.propagating_vgws.retain(|vgw| *vgw != gateway));
        Ok(Reply::TRUE)
    }
}
