//! DescribeAddresses.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{AddressAssociationId, AllocationId, InstanceId, NetworkInterfaceId};

use super::{Address, check_public_ip, not_found};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, optional, select, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set_or_none};
use crate::wire::Items;

/// Where an Elastic IP address is.
pub(super) struct Association {
    pub(super) id: AddressAssociationId,
    pub(super) private_ip_address: Ipv4Addr,
    pub(super) network_interface_id: NetworkInterfaceId,
    instance_id: Option<InstanceId>,
}

impl Address {
    pub(super) fn association(&self, cx: &Context<'_>) -> Option<Association> {
        let interface = self.interface(&cx.region)?;
        let (private_ip_address, _, id) = interface.elastic_ips().find(|(_, allocation, _)| *allocation == self.id)?;
        Some(Association {
            id,
            private_ip_address,
            network_interface_id: interface.id,
            instance_id: interface.attachment.as_ref().map(|attachment| attachment.instance_id),
        })
    }

    const FILTERS: FilterTable<Self> = &[
        ("allocation-id", |address, _| text(address.id)),
        ("association-id", |address, cx| optional(address.association(cx).map(|association| association.id))),
        ("domain", |_, _| text("vpc")),
        ("instance-id", |address, cx| {
            optional(address.association(cx).and_then(|association| association.instance_id))
        }),
        ("network-border-group", |_, cx| text(cx.region_name)),
        ("network-interface-id", |address, cx| {
            optional(address.association(cx).map(|association| association.network_interface_id))
        }),
        ("network-interface-owner-id", |address, cx| {
            optional(address.association(cx).map(|_| cx.account_id().to_owned()))
        }),
        ("private-ip-address", |address, cx| {
            optional(address.association(cx).map(|association| association.private_ip_address))
        }),
        ("public-ip", |address, _| text(address.public_ip)),
    ];
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressItem {
    public_ip: Ipv4Addr,
    allocation_id: AllocationId,
    association_id: Option<AddressAssociationId>,
    domain: &'static str,
    instance_id: Option<InstanceId>,
    network_interface_id: Option<NetworkInterfaceId>,
    network_interface_owner_id: Option<String>,
    private_ip_address: Option<Ipv4Addr>,
    tag_set: Option<Items<TagItem>>,
    public_ipv4_pool: &'static str,
    network_border_group: String,
}

impl AddressItem {
    fn new(address: &Address, cx: &Context<'_>) -> Self {
        let association = address.association(cx);
        let association = association.as_ref();
        Self {
            public_ip: address.public_ip,
            allocation_id: address.id,
            association_id: association.map(|association| association.id),
            domain: "vpc",
            instance_id: association.and_then(|association| association.instance_id),
            network_interface_id: association.map(|association| association.network_interface_id),
            network_interface_owner_id: association.map(|_| cx.account_id().to_owned()),
            private_ip_address: association.map(|association| association.private_ip_address),
            tag_set: tag_set_or_none(&address.tags),
            public_ipv4_pool: "amazon",
            network_border_group: cx.region_name.to_owned(),
        }
    }
}

/// DescribeAddresses: all, or those named by allocation or by address. It has no pages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeAddresses {
    #[serde(rename = "PublicIp", default)]
    public_ips: Vec<String>,
    #[serde(rename = "AllocationId", default)]
    allocation_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAddressesResponse {
    addresses_set: Items<AddressItem>,
}

impl Action for DescribeAddresses {
    type Response = DescribeAddressesResponse;

    fn check(&self) -> Result<(), Refusal> {
        self.public_ips.iter().try_for_each(|text| check_public_ip(Some(text)))
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut ids = self.allocation_ids;
        for public_ip in &self.public_ips {
            let address = cx.region.by_alias::<Address>(public_ip).ok_or_else(|| not_found(public_ip))?;
            ids.push(address.id.to_string());
        }
        let query = Query { ids: &ids, filters: &self.filters, page: Page::default(), ids_name: "AllocationIds" };
        let (found, _) = select(cx, &query, Address::FILTERS)?;
        Ok(DescribeAddressesResponse {
            addresses_set: found.into_iter().map(|address| AddressItem::new(address, cx)).collect(),
        })
    }
}
