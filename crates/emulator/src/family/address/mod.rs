//! Elastic IP addresses. Which private address one is associated with, the network interface knows.
//!
//! Sources: AllocateAddress, AssociateAddress, DescribeAddresses, DisassociateAddress, ReleaseAddress, "Elastic IP addresses" in
//! the EC2 User Guide, and answers recorded on AWS.

mod associate;
mod describe;
mod pool;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::{AllocationId, ResourceId};

use crate::action::{Action, Context, actions};
use crate::error::{IdWording, Refusal};
use crate::family::network_interface::{NetworkInterface, lend_public_address};
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::family::zone;
use crate::state::{Region, Tags, resource};
use crate::wire::Reply;

use associate::{AssociateAddress, DisassociateAddress};
use describe::DescribeAddresses;
pub(crate) use pool::next_public_address;

actions![AllocateAddress, AssociateAddress, DescribeAddresses, DisassociateAddress, ReleaseAddress];

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Address {
    id: AllocationId,
    public_ip: Ipv4Addr,
    tags: Tags,
}

resource!(
    Address as Allocation,
    AllocationId,
    "elastic-ip",
    // EC2 does not tell malformed ids from unknown ones.
    IdWording {
        noun: "allocation",
        not_found: "InvalidAllocationID.NotFound",
        malformed: "InvalidAllocationID.NotFound",
    },
    fn aliases(&self) -> Vec<String> {
        vec![self.public_ip.to_string()]
    }
);

impl Address {
    /// The interface that the address is associated with.
    fn interface<'c>(&self, region: &'c Region) -> Option<&'c NetworkInterface> {
        region.referrers::<NetworkInterface>(self.id).next()
    }
}

/// A public address in a request.
///
/// # Errors
/// `InvalidParameterValue` for a text that is no IPv4 address.
fn parse_public_ip(text: &str) -> Result<Ipv4Addr, Refusal> {
    text.parse().map_err(|_| {
        Refusal::invalid_parameter_value(format!("Invalid value '{text}' for PublicIp. Not a valid IPv4 address."))
    })
}

/// What most actions check of a public address even under DryRun.
fn check_public_ip(text: Option<&str>) -> Result<(), Refusal> {
    text.map_or(Ok(()), |text| parse_public_ip(text).map(drop))
}

/// Ends the association of an Elastic IP address, if it has one. The instance may get a public address of EC2's instead.
fn dissociate(cx: &mut Context<'_>, allocation: AllocationId) {
    let Some(id) = cx.region.referrers::<NetworkInterface>(allocation).next().map(|interface| interface.id) else {
        return;
    };
    cx.region.update(id, |interface: &mut NetworkInterface| {
        for private in interface.private_addresses_mut() {
            private.public.take_if(|public| public.elastic_ip.is_some_and(|(id, _)| id == allocation));
        }
    });
    lend_public_address(cx, id);
}

/// AllocateAddress.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AllocateAddress {
    domain: Option<String>,
    address: Option<String>,
    public_ipv4_pool: Option<String>,
    network_border_group: Option<String>,
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
    /// A wish that no account of its own addresses has: EC2-Classic, a pool, an address to recover.
    fn check_wishes(&self, region_name: &str) -> Result<(), Refusal> {
        if let Some(domain) = self.domain.as_deref().filter(|domain| *domain != "vpc") {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{domain}' for domain.")));
        }
        if let Some(group) = self.network_border_group.as_deref().filter(|group| *group != region_name) {
            return Err(Refusal::invalid_parameter_value(group));
        }
        if let Some(pool) = self.public_ipv4_pool.as_deref().filter(|pool| *pool != "amazon") {
            let message = format!("The publicIpv4Pool ID '{pool}' does not exist");
            return Err(Refusal::new("InvalidPublicIpv4PoolID.NotFound", message));
        }
        match &self.address {
            Some(address) => Err(not_found(address)),
            None => Ok(()),
        }
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
        let public_ip = next_public_address(cx).ok_or_else(no_capacity)?;
        let address = Address { id: cx.new_id(), public_ip, tags };
        let allocation_id = address.id;
        cx.region.put(address);
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

fn not_found(public_ip: &str) -> Refusal {
    Refusal::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
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
            let vpc = cx.region.get::<Vpc>(interface.vpc_id);
            if !vpc.is_some_and(|vpc| vpc.is_default) {
                let message = format!("Address {} is in use.", address.public_ip);
                return Err(Refusal::new("InvalidIPAddress.InUse", message));
            }
        }
        let id = address.id;
        dissociate(cx, id);
        cx.region.remove(ResourceId::from(id));
        Ok(Reply::TRUE)
    }
}
