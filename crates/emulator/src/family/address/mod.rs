//! Elastic IP addresses. Which private address one is associated with, the network interface knows.
//!
//! Sources: AllocateAddress, AssociateAddress, DescribeAddresses, DisassociateAddress, ReleaseAddress, ModifyAddressAttribute,
//! EnableAddressTransfer and their neighbours; "Elastic IP addresses" in the EC2 User Guide; and answers recorded on AWS.

mod allocate;
mod associate;
mod attribute;
mod describe;
mod pool;
mod public_pool;
mod release;
mod transfer;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use vpcrun_model::AllocationId;

use crate::action::{Context, actions};
use crate::error::{IdWording, Refusal};
use crate::family::network_interface::{NetworkInterface, lend_public_address};
use crate::state::{Region, Tags, resource};

use allocate::AllocateAddress;
pub(crate) use allocate::no_capacity;
use associate::{AssociateAddress, DisassociateAddress};
use attribute::{DescribeAddressesAttribute, ModifyAddressAttribute, PtrRecord, ResetAddressAttribute};
use describe::DescribeAddresses;
pub(crate) use pool::next_public_address;
use public_pool::DescribePublicIpv4Pools;
use release::ReleaseAddress;
use transfer::{
    AcceptAddressTransfer, DescribeAddressTransfers, DisableAddressTransfer, EnableAddressTransfer, Transfer,
};

actions![
    AcceptAddressTransfer,
    AllocateAddress,
    AssociateAddress,
    DescribeAddressTransfers,
    DescribeAddresses,
    DescribeAddressesAttribute,
    DescribePublicIpv4Pools,
    DisableAddressTransfer,
    DisassociateAddress,
    EnableAddressTransfer,
    ModifyAddressAttribute,
    ReleaseAddress,
    ResetAddressAttribute,
];

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Address {
    id: AllocationId,
    pub(crate) public_ip: Ipv4Addr,
    /// The reverse DNS record that the account chose, if it did.
    #[serde(default)]
    ptr_record: Option<PtrRecord>,
    /// The offer to give the address to another account.
    #[serde(default)]
    transfer: Option<Transfer>,
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

fn not_found(public_ip: &str) -> Refusal {
    Refusal::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

/// The addresses of these allocations, or all, by allocation id.
///
/// # Errors
/// `InvalidAllocationID.NotFound` where one is not there.
fn named_or_all<'c>(cx: &'c Context<'_>, allocation_ids: &[String]) -> Result<Vec<&'c Address>, Refusal> {
    if allocation_ids.is_empty() {
        return Ok(cx.region.all::<Address>().collect());
    }
    let mut named = allocation_ids.iter().map(|id| cx.find::<Address>(id)).collect::<Result<Vec<_>, _>>()?;
    named.sort_by_key(|address| address.id);
    named.dedup_by_key(|address| address.id);
    Ok(named)
}
