//! EnableAddressTransfer, DisableAddressTransfer, DescribeAddressTransfers, AcceptAddressTransfer: an Elastic IP address goes to
//! another account, if that one accepts within seven days. A world is one account, so nobody accepts its offers and nobody
//! makes it one.
//!
//! Source: "Transfer Elastic IP addresses" in the Amazon VPC User Guide.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::AllocationId;

use super::{Address, named_or_all, not_found};
use crate::action::{Action, Context};
use crate::clock::Timestamp;
use crate::describe::{Page, paginate};
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::wire::Items;

const OFFER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The offer of an address to another account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Transfer {
    account_id: String,
    expires: Timestamp,
}

impl Address {
    /// The offer that stands at `now`.
    fn offer(&self, now: Timestamp) -> Option<&Transfer> {
        self.transfer.as_ref().filter(|transfer| transfer.expires > now)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressTransfer {
    public_ip: Ipv4Addr,
    allocation_id: AllocationId,
    transfer_account_id: String,
    transfer_offer_expiration_timestamp: String,
    address_transfer_status: &'static str,
}

impl AddressTransfer {
    fn new(address: &Address, transfer: &Transfer, status: &'static str) -> Self {
        Self {
            public_ip: address.public_ip,
            allocation_id: address.id,
            transfer_account_id: transfer.account_id.clone(),
            transfer_offer_expiration_timestamp: transfer.expires.to_string(),
            address_transfer_status: status,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressTransferResponse {
    address_transfer: AddressTransfer,
}

/// EnableAddressTransfer: offers the address, or offers it anew.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct EnableAddressTransfer {
    allocation_id: String,
    transfer_account_id: String,
}

impl Action for EnableAddressTransfer {
    type Response = AddressTransferResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let address = cx.find::<Address>(&self.allocation_id)?;
        let account_id = self.transfer_account_id;
        let well_formed = account_id.len() == 12 && account_id.bytes().all(|byte| byte.is_ascii_digit());
        if !well_formed || account_id == cx.account_id() {
            return Err(Refusal::invalid_parameter_value(format!(
                "Invalid value '{account_id}' for transferAccountId."
            )));
        }
        let transfer = Transfer { account_id, expires: cx.now.after(OFFER) };
        let address_transfer = AddressTransfer::new(address, &transfer, "pending");
        let id = address.id;
        cx.region.update(id, |address: &mut Address| address.transfer = Some(transfer));
        Ok(AddressTransferResponse { address_transfer })
    }
}

/// DisableAddressTransfer: takes an offer back.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DisableAddressTransfer {
    allocation_id: String,
}

impl Action for DisableAddressTransfer {
    type Response = AddressTransferResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let address = cx.find::<Address>(&self.allocation_id)?;
        let Some(transfer) = address.offer(cx.now) else {
            let message = format!("The address transfer for allocation ID '{}' does not exist", address.id);
            return Err(Refusal::new("InvalidTransfer.NotFound", message));
        };
        let address_transfer = AddressTransfer::new(address, transfer, "disabled");
        let id = address.id;
        cx.region.update(id, |address: &mut Address| address.transfer = None);
        Ok(AddressTransferResponse { address_transfer })
    }
}

/// AcceptAddressTransfer: nobody offers this account an address.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct AcceptAddressTransfer {
    address: String,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

impl Action for AcceptAddressTransfer {
    type Response = AddressTransferResponse;

    fn check(&self) -> Result<(), Refusal> {
        match self.address.parse::<Ipv4Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(Refusal::invalid_parameter_value(format!("Invalid value '{}' for address.", self.address))),
        }
    }

    fn run(self, _: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        specified_tags(&self.tag_specifications, &["elastic-ip"], "elastic-ip")?;
        Err(not_found(&self.address))
    }
}

/// DescribeAddressTransfers: the offers that stand.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeAddressTransfers {
    #[serde(rename = "AllocationId", default)]
    allocation_ids: Vec<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAddressTransfersResponse {
    address_transfer_set: Items<AddressTransfer>,
    next_token: Option<String>,
}

impl Action for DescribeAddressTransfers {
    type Response = DescribeAddressTransfersResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let addresses = named_or_all(cx, &self.allocation_ids)?.into_iter();
        let offers =
            addresses.filter_map(|address| Some(AddressTransfer::new(address, address.offer(cx.now)?, "pending")));
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, offers.collect(), &page, |offer| offer.allocation_id.to_string())?;
        Ok(DescribeAddressTransfersResponse { address_transfer_set: found.into(), next_token })
    }
}
