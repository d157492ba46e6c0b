//! DeleteNatGateway, and what a NAT gateway does by itself.

use serde::{Deserialize, Serialize};
use vpcrun_model::{AllocationId, NatGatewayId};

use super::{AddressStatus, NatGateway, NatGatewayState, find, not_found};
use crate::action::{Action, Context};
use crate::clock::{Timestamp, Transition};
use crate::error::Refusal;
use crate::family::network_interface::{NetworkInterface, remove_managed};

/// Carries out what was due at `at`: of the gateway, or of its addresses.
pub(super) fn advance(cx: &mut Context<'_>, id: NatGatewayId, at: Timestamp) {
    let Some(gateway) = cx.region.get::<NatGateway>(id) else { return };
    let mut gateway = gateway.clone();
    if gateway.due.is_none_or(|due| due > at) {
        return advance_addresses(cx, gateway, at);
    }
    let forget = || Some(at.after(cx.options.transition_times.of(Transition::Forget)));
    gateway.due = None;
    match gateway.state {
        NatGatewayState::Pending if gateway.failure.is_some() => {
            gateway.state = NatGatewayState::Failed;
            gateway.due = forget();
            settle_addresses(&mut gateway, AddressStatus::Failed);
            remove_managed(&mut cx.region, id);
        }
        NatGatewayState::Pending => {
            gateway.state = NatGatewayState::Available;
            settle_addresses(&mut gateway, AddressStatus::Succeeded);
        }
        NatGatewayState::Deleting => {
            gateway.state = NatGatewayState::Deleted;
            gateway.due = forget();
            settle_addresses(&mut gateway, AddressStatus::Succeeded);
            remove_managed(&mut cx.region, id);
        }
        NatGatewayState::Failed | NatGatewayState::Deleted => return cx.region.remove(id),
        NatGatewayState::Available => {}
    }
    cx.region.put(gateway);
}

fn settle_addresses(gateway: &mut NatGateway, status: AddressStatus) {
    for address in &mut gateway.addresses {
        (address.status, address.due) = (status, None);
    }
}

/// Addresses that were on their way in are in, those on their way out are free.
fn advance_addresses(cx: &mut Context<'_>, mut gateway: NatGateway, at: Timestamp) {
    let is_due = |due: Option<Timestamp>| due.is_some_and(|due| due <= at);
    for address in gateway.addresses.iter().filter(|address| is_due(address.due) && address.status.is_leaving()) {
        let (Some(interface), Some(private)) = (address.network_interface_id, address.private_ip) else { continue };
        cx.region.update(interface, |interface: &mut NetworkInterface| {
            interface.secondaries.retain(|held| held.address != private);
        });
    }
    gateway.addresses.retain(|address| !(is_due(address.due) && address.status.is_leaving()));
    for address in gateway.addresses.iter_mut().filter(|address| is_due(address.due)) {
        (address.status, address.due) = (AddressStatus::Succeeded, None);
    }
    cx.region.put(gateway);
}

/// Whether an Elastic IP address is with something already.
pub(super) fn is_associated(cx: &Context<'_>, allocation: AllocationId) -> bool {
    cx.region.referrers::<NetworkInterface>(allocation).next().is_some()
}

/// DeleteNatGateway: frees the Elastic IP addresses when it is done. Routes stay, as blackholes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteNatGateway {
    nat_gateway_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteNatGatewayResponse {
    nat_gateway_id: NatGatewayId,
}

impl Action for DeleteNatGateway {
    type Response = DeleteNatGatewayResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let gateway = find(cx, &self.nat_gateway_id)?;
        let (id, state, now) = (gateway.id, gateway.state, cx.now);
        let (next, due) = match state {
            NatGatewayState::Deleted => return Err(not_found(id)),
            NatGatewayState::Deleting => return Ok(DeleteNatGatewayResponse { nat_gateway_id: id }),
            // It has nothing left to delete.
            NatGatewayState::Failed => (NatGatewayState::Deleted, cx.end_of(Transition::Forget)),
            NatGatewayState::Pending | NatGatewayState::Available => {
                (NatGatewayState::Deleting, cx.end_of(Transition::DeleteNatGateway))
            }
        };
        cx.region.update(id, |gateway: &mut NatGateway| {
            gateway.state = next;
            gateway.due = Some(due);
            gateway.delete_time = Some(now);
            gateway.failure.take_if(|_| state == NatGatewayState::Pending);
            for address in &mut gateway.addresses {
                address.due = None;
            }
        });
        Ok(DeleteNatGatewayResponse { nat_gateway_id: id })
    }
}
