//! AllocateAddress.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::AllocationId;

use super::pool::is_free;
use super::public_pool::unknown_pool;
use super::{Address, next_public_address, not_found};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::zone;
use crate::quota;

/// AllocateAddress: any address, or one that the account released and that nobody has taken since.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AllocateAddress {
    domain: Option<String>,
    address: Option<String>,
    public_ipv4_pool: Option<String>,
    network_border_group: Option<String>,
    customer_owned_ipv4_pool: Option<String>,
    ipam_pool_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AllocateAddressResponse {
    public_ip: Ipv4Addr,
    domain: &'static str,
    allocation_id: AllocationId,
    public_ipv4_pool: &'static str,
    network_border_group: String,
}

impl AllocateAddress {
    /// # Errors
    /// A wish that no account without addresses of its own has: EC2-Classic, a pool.
    fn check_wishes(&self, region_name: &str) -> Result<(), Refusal> {
        if let Some(domain) = self.domain.as_deref().filter(|domain| *domain != "vpc") {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{domain}' for domain.")));
        }
        if let Some(group) = self.network_border_group.as_deref().filter(|group| *group != region_name) {
            return Err(Refusal::invalid_parameter_value(group));
        }
        if let Some(pool) = self.public_ipv4_pool.as_deref().filter(|pool| *pool != "amazon") {
            return Err(unknown_pool(pool));
        }
        if let Some(pool) = &self.customer_owned_ipv4_pool {
            let message = format!("The coipPool ID '{pool}' does not exist");
            return Err(Refusal::new("InvalidPoolID.NotFound", message));
        }
        if let Some(pool) = &self.ipam_pool_id {
            let message = format!("The ipam-pool ID '{pool}' does not exist");
            return Err(Refusal::new("InvalidIpamPoolId.NotFound", message));
        }
        Ok(())
    }

    fn public_ip(&self, cx: &Context<'_>) -> Result<Ipv4Addr, Refusal> {
        let Some(text) = &self.address else { return next_public_address(cx).ok_or_else(no_capacity) };
        let released = cx.settings().released_addresses.iter().find(|address| address.to_string() == *text);
        // It may have gone to another region of the account, or to an instance, meanwhile.
        released.copied().filter(|address| is_free(cx, *address)).ok_or_else(|| not_found(text))
    }
}

impl Action for AllocateAddress {
    type Response = AllocateAddressResponse;

    fn check(&self) -> Result<(), Refusal> {
        if let Some(text) = self.address.as_deref().filter(|text| text.parse::<Ipv4Addr>().is_err()) {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{text}' for address.")));
        }
        // EC2's whole message is the value.
        match self.network_border_group.as_deref() {
            Some(group) if !zone::is_region(group) => Err(Refusal::invalid_parameter_value(group)),
            _ => Ok(()),
        }
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        self.check_wishes(cx.region_name)?;
        let tags = specified_tags(&self.tag_specifications, &["elastic-ip"], "elastic-ip")?;
        let public_ip = self.public_ip(cx)?;
        cx.check_quota(&quota::ADDRESSES, |region| region.all::<Address>().count() + 1)?;
        let address = Address { id: cx.new_id(), public_ip, ptr_record: None, transfer: None, tags };
        let allocation_id = address.id;
        cx.region.put(address);
        if cx.settings().released_addresses.contains(&public_ip) {
            cx.settings_mut().released_addresses.retain(|released| *released != public_ip);
        }
        Ok(AllocateAddressResponse {
            public_ip,
            domain: "vpc",
            allocation_id,
            public_ipv4_pool: "amazon",
            network_border_group: cx.region_name.to_owned(),
        })
    }
}

/// EC2 has no public address left.
pub(crate) fn no_capacity() -> Refusal {
    let message = "Not enough available capacity to fulfill your address request.".to_owned();
    Refusal::new("InsufficientAddressCapacity", message)
}
