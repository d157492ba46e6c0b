//! DescribeAddressesAttribute, ModifyAddressAttribute, ResetAddressAttribute: the reverse DNS record of an Elastic IP address.
//!
//! EC2 asks for an A record that leads back to the address. There is no DNS here, so any well-formed name has one.
//!
//! Source: "Create a reverse DNS record for email on Amazon EC2" in the EC2 User Guide.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::AllocationId;

use super::Address;
use crate::action::{Action, Context};
use crate::clock::{Timestamp, Transition};
use crate::describe::{Page, paginate_within};
use crate::error::Refusal;
use crate::wire::Items;

/// A reverse DNS record: a domain name, with the final dot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PtrRecord {
    current: Option<String>,
    update: Option<Update>,
}

/// A change that takes DNS a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Update {
    /// `None`: the record goes.
    value: Option<String>,
    at: Timestamp,
}

impl PtrRecord {
    /// The record as it is at `now`.
    fn current(&self, now: Timestamp) -> Option<&str> {
        match &self.update {
            Some(update) if update.at <= now => update.value.as_deref(),
            _ => self.current.as_deref(),
        }
    }

    fn pending(&self, now: Timestamp) -> Option<&Update> {
        self.update.as_ref().filter(|update| update.at > now)
    }

    /// Whether the address has a record, or is about to get or to lose one.
    pub(super) fn is_set(&self, now: Timestamp) -> bool {
        self.current(now).is_some() || self.pending(now).is_some()
    }
}

/// A domain name in a request, with the final dot that DNS adds.
///
/// # Errors
/// `InvalidParameterValue` for a text that is no domain name. Source: RFC 1123.
fn parse_domain_name(text: &str) -> Result<String, Refusal> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !name.contains('.') || !name.split('.').all(is_label) {
        return Err(Refusal::invalid_parameter_value(format!("Invalid value '{text}' for domainName.")));
    }
    Ok(format!("{}.", name.to_ascii_lowercase()))
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressAttribute {
    public_ip: Ipv4Addr,
    allocation_id: AllocationId,
    ptr_record: Option<String>,
    ptr_record_update: Option<PtrUpdateStatus>,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct PtrUpdateStatus {
    value: Option<String>,
    status: &'static str,
}

impl AddressAttribute {
    /// `None` for an address without a record.
    fn described(address: &Address, now: Timestamp) -> Option<Self> {
        let record = address.ptr_record.as_ref().filter(|record| record.is_set(now))?;
        Some(Self::new(address, record.current(now), record.pending(now)))
    }

    fn new(address: &Address, current: Option<&str>, update: Option<&Update>) -> Self {
        Self {
            public_ip: address.public_ip,
            allocation_id: address.id,
            ptr_record: current.map(str::to_owned),
            ptr_record_update: update.map(|update| PtrUpdateStatus { value: update.value.clone(), status: "PENDING" }),
        }
    }
}

/// Starts a change of the record and shows it as pending, however short it takes.
fn change(cx: &mut Context<'_>, id: AllocationId, value: Option<String>) -> Result<AddressAttributeResponse, Refusal> {
    let now = cx.now;
    let update = Update { value, at: cx.end_of(Transition::ReverseDns) };
    let address = cx.find::<Address>(&id.to_string())?;
    let current = address.ptr_record.as_ref().and_then(|record| record.current(now)).map(str::to_owned);
    let shown = AddressAttribute::new(address, current.as_deref(), Some(&update));
    cx.region.update(id, |address: &mut Address| {
        address.ptr_record = Some(PtrRecord { current, update: Some(update) });
    });
    Ok(AddressAttributeResponse { address: shown })
}

/// The attributes that an address has: one.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AddressAttributeName {
    DomainName,
}

#[derive(Serialize)]
pub(crate) struct AddressAttributeResponse {
    address: AddressAttribute,
}

/// ModifyAddressAttribute.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyAddressAttribute {
    allocation_id: String,
    domain_name: Option<String>,
}

impl Action for ModifyAddressAttribute {
    type Response = AddressAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let id = cx.find::<Address>(&self.allocation_id)?.id;
        let domain_name = self.domain_name.ok_or_else(|| Refusal::missing_parameter("domainName"))?;
        change(cx, id, Some(parse_domain_name(&domain_name)?))
    }
}

/// ResetAddressAttribute: the address gets back the name that AWS gives it, which is no record of the account's.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ResetAddressAttribute {
    allocation_id: String,
    #[serde(rename = "Attribute")]
    _attribute: AddressAttributeName,
}

impl Action for ResetAddressAttribute {
    type Response = AddressAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let id = cx.find::<Address>(&self.allocation_id)?.id;
        change(cx, id, None)
    }
}

/// DescribeAddressesAttribute: the addresses that have a record of the account's.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeAddressesAttribute {
    #[serde(rename = "AllocationId", default)]
    allocation_ids: Vec<String>,
    #[serde(rename = "Attribute")]
    _attribute: Option<AddressAttributeName>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAddressesAttributeResponse {
    address_set: Items<AddressAttribute>,
    next_token: Option<String>,
}

impl Action for DescribeAddressesAttribute {
    type Response = DescribeAddressesAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let addresses = super::named_or_all(cx, &self.allocation_ids)?;
        let found = addresses.into_iter().filter_map(|address| AddressAttribute::described(address, cx.now)).collect();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate_within(cx, found, &page, 1..=1_000, |item| item.allocation_id.to_string())?;
        Ok(DescribeAddressesAttributeResponse { address_set: found.into(), next_token })
    }
}
