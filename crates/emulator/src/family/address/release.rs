//! ReleaseAddress.

use std::net::Ipv4Addr;

use serde::Deserialize;
use vpcrun_model::ResourceId;

use super::{Address, check_public_ip, dissociate};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::network_interface::check_unmanaged;
use crate::family::vpc::Vpc;
use crate::wire::Reply;

/// So many released addresses the account can ask back. (EC2 promises no number.)
const RECOVERABLE: usize = 16;

/// Notes that an address went back, for AllocateAddress.
fn remember(cx: &mut Context<'_>, public_ip: Ipv4Addr) {
    let released = &mut cx.settings_mut().released_addresses;
    released.push(public_ip);
    let excess = released.len().saturating_sub(RECOVERABLE);
    released.drain(..excess);
}

/// ReleaseAddress: refused while the address is associated, but in a default VPC, where it is freed first.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReleaseAddress {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    network_border_group: Option<String>,
}

impl ReleaseAddress {
    fn find<'c>(&self, cx: &'c Context<'_>) -> Result<&'c Address, Refusal> {
        match (&self.allocation_id, &self.public_ip) {
            (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
                "You may specify public IP or allocation id, but not both in the same call",
            )),
            (Some(id), None) => cx.find::<Address>(id),
            (None, Some(public_ip)) => Err(match cx.region.by_alias::<Address>(public_ip) {
                Some(_) => Refusal::invalid_parameter_value(
                    "You must specify an allocation id when releasing a VPC elastic IP address",
                ),
                None => {
                    let message = "You do not have permission to access the specified resource.".to_owned();
                    Refusal::new("AuthFailure", message)
                }
            }),
            (None, None) => {
                let message = "Either public IP or allocation id must be specified".to_owned();
                Err(Refusal::new("MissingParameter", message))
            }
        }
    }
}

impl Action for ReleaseAddress {
    type Response = Reply;

    fn check(&self) -> Result<(), Refusal> {
        check_public_ip(self.public_ip.as_deref())
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let address = self.find(cx)?;
        if let Some(group) = self.network_border_group.as_deref().filter(|group| *group != cx.region_name) {
            let message = format!("invalid value for parameter network-border-group: {group}");
            return Err(Refusal::invalid_parameter_value(message));
        }
        if let Some(interface) = address.interface(&cx.region) {
            check_unmanaged(interface)?;
            let vpc = cx.region.get::<Vpc>(interface.vpc_id);
            if !vpc.is_some_and(|vpc| vpc.is_default) {
                let message = format!("Address {} is in use.", address.public_ip);
                return Err(Refusal::new("InvalidIPAddress.InUse", message));
            }
        }
        if address.ptr_record.as_ref().is_some_and(|record| record.is_set(cx.now)) {
            let message =
                format!("The address {} cannot be released because it has a PTR record set.", address.public_ip);
            return Err(Refusal::new("InvalidAddress.PtrSet", message));
        }
        let (id, public_ip) = (address.id, address.public_ip);
        dissociate(cx, id);
        cx.region.remove(ResourceId::from(id));
        remember(cx, public_ip);
        Ok(Reply::TRUE)
    }
}
