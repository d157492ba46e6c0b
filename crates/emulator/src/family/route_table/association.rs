//! AssociateRouteTable, DisassociateRouteTable and ReplaceRouteTableAssociation.
//!
//! A subnet follows the table that it is associated with, or the main table of its VPC when there is none.

use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, RouteTableAssociationId, SubnetId, VpcId};

use super::{Association, AssociationState, EdgeGateway, RouteTable, rule};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::internet_gateway::InternetGateway;
use crate::family::subnet::Subnet;
use crate::family::vpn_gateway::VpnGateway;

/// The table that holds an association, and the association.
///
/// # Errors
/// `InvalidAssociationID.NotFound`, for malformed ids too.
fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<(&'c RouteTable, &'c Association), Refusal> {
    let not_found =
        || Refusal::new("InvalidAssociationID.NotFound", format!("The association ID '{id}' does not exist"));
    let table = cx.region.by_alias::<RouteTable>(id).ok_or_else(not_found)?;
    let association = table.associations.iter().find(|association| association.id.to_string() == id);
    association.map(|association| (table, association)).ok_or_else(not_found)
}

fn conflict(table: &RouteTable) -> Refusal {
    let message =
        format!("the specified association for route table {} conflicts with an existing association", table.id);
    Refusal::new("Resource.AlreadyAssociated", message)
}

/// AssociateRouteTable: with a subnet, or with a gateway for what comes in by it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AssociateRouteTable {
    route_table_id: String,
    subnet_id: Option<String>,
    gateway_id: Option<String>,
    public_ipv4_pool: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociateRouteTableResponse {
    association_id: RouteTableAssociationId,
    association_state: AssociationState,
}

/// What a table is to be associated with.
enum Partner {
    Subnet(SubnetId),
    Gateway(EdgeGateway),
}

impl AssociateRouteTable {
    /// The partner, which has to be in the table's VPC; exactly one is given.
    fn partner(&self, cx: &Context<'_>) -> Result<Partner, Refusal> {
        let message = "The request must contain exactly one of: subnetId, gatewayId, publicIpv4Pool";
        match (&self.subnet_id, &self.gateway_id, &self.public_ipv4_pool) {
            (Some(subnet), None, None) => {
                let table = cx.find::<RouteTable>(&self.route_table_id)?;
                let subnet = cx.find::<Subnet>(subnet)?;
                if table.vpc_id != subnet.vpc_id {
                    return Err(different_networks(table, "subnet", subnet.id));
                }
                Ok(Partner::Subnet(subnet.id))
            }
            (None, Some(gateway), None) => {
                let table = cx.find::<RouteTable>(&self.route_table_id)?;
                let (edge, vpc) = edge_gateway(cx, gateway)?;
                if vpc != Some(table.vpc_id) {
                    return Err(different_networks(table, "network gateway", gateway));
                }
                rule::check_for_edge(table)?;
                Ok(Partner::Gateway(edge))
            }
            (None, None, Some(pool)) => {
                let message = format!("The publicIpv4Pool ID '{pool}' does not exist");
                Err(Refusal::new("InvalidPublicIpv4PoolID.NotFound", message))
            }
            (None, None, None) => Err(Refusal::new("MissingParameter", message.to_owned())),
            _ => Err(Refusal::invalid_parameter_combination(message)),
        }
    }
}

fn different_networks(table: &RouteTable, noun: &str, id: impl std::fmt::Display) -> Refusal {
    let message = format!("route table {} and {noun} {id} belong to different networks", table.id);
    Refusal::invalid_parameter_value(message)
}

/// The gateway of this id, and the VPC that it is attached to.
fn edge_gateway(cx: &Context<'_>, id: &str) -> Result<(EdgeGateway, Option<VpcId>), Refusal> {
    let unknown = || Refusal::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"));
    match id.parse::<ResourceId>() {
        Ok(ResourceId::InternetGateway(id)) => {
            let gateway = cx.region.get::<InternetGateway>(id).ok_or_else(unknown)?;
            Ok((EdgeGateway::InternetGateway(id), gateway.vpc_id))
        }
        Ok(ResourceId::VpnGateway(id)) => {
            let gateway = cx.region.get::<VpnGateway>(id).ok_or_else(unknown)?;
            Ok((EdgeGateway::VpnGateway(id), gateway.vpc()))
        }
        _ => Err(unknown()),
    }
}

/// Whether another table has the association already.
fn is_associated(cx: &Context<'_>, partner: &Partner) -> bool {
    match partner {
        Partner::Subnet(id) => cx.region.referrers::<RouteTable>(*id).next().is_some(),
        Partner::Gateway(gateway) => {
            let holds = |association: &Association| association.gateway_id == Some(*gateway);
            cx.region.referrers::<RouteTable>(*gateway).any(|table| table.associations.iter().any(holds))
        }
    }
}

impl Action for AssociateRouteTable {
    type Response = AssociateRouteTableResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let partner = self.partner(cx)?;
        let table = cx.find::<RouteTable>(&self.route_table_id)?;
        if is_associated(cx, &partner) {
            return Err(conflict(table));
        }
        let (subnet_id, gateway_id) = match partner {
            Partner::Subnet(id) => (Some(id), None),
            Partner::Gateway(gateway) => (None, Some(gateway)),
        };
        let id = table.id;
        let association = Association { id: cx.new_id(), subnet_id, gateway_id };
        let association_id = association.id;
        cx.region.update(id, |table: &mut RouteTable| table.associations.push(association));
        Ok(AssociateRouteTableResponse { association_id, association_state: AssociationState::ASSOCIATED })
    }
}

/// DisassociateRouteTable: the subnet then follows the main table.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisassociateRouteTable {
    association_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DisassociateRouteTableResponse {
    r#return: bool,
    association_state: AssociationState,
}

impl Action for DisassociateRouteTable {
    type Response = DisassociateRouteTableResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let (table, association) = find(cx, &self.association_id)?;
        if association.is_main() {
            let message = format!("cannot disassociate the main route table association {}", association.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        let (table, gone) = (table.id, association.id);
        cx.region.update(table, |table: &mut RouteTable| table.associations.retain(|kept| kept.id != gone));
        let association_state = AssociationState { state: "disassociating" };
        Ok(DisassociateRouteTableResponse { r#return: true, association_state })
    }
}

/// ReplaceRouteTableAssociation: the subnet follows another table, or another table becomes the VPC's main one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReplaceRouteTableAssociation {
    association_id: String,
    route_table_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplaceRouteTableAssociationResponse {
    new_association_id: RouteTableAssociationId,
    association_state: AssociationState,
}

impl Action for ReplaceRouteTableAssociation {
    type Response = ReplaceRouteTableAssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let (old_table, association) = find(cx, &self.association_id)?;
        let new_table = cx.find::<RouteTable>(&self.route_table_id)?;
        if old_table.vpc_id != new_table.vpc_id {
            let message =
                format!("route table {} and network {} belong to different networks", new_table.id, old_table.vpc_id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        if old_table.id == new_table.id {
            return Err(conflict(new_table));
        }
        if association.gateway_id.is_some() {
            rule::check_for_edge(new_table)?;
        }
        let (old_id, new_id, gone) = (old_table.id, new_table.id, association.id);
        let (subnet_id, gateway_id) = (association.subnet_id, association.gateway_id);
        let new = Association { id: cx.new_id(), subnet_id, gateway_id };
        let new_association_id = new.id;
        cx.region.update(old_id, |table: &mut RouteTable| table.associations.retain(|kept| kept.id != gone));
        cx.region.update(new_id, |table: &mut RouteTable| table.associations.push(new));
        Ok(ReplaceRouteTableAssociationResponse { new_association_id, association_state: AssociationState::ASSOCIATED })
    }
}
