//! DescribeNetworkInterfaces.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::item::{AttachmentItem, Names, NetworkInterfaceItem, owner_of, requester_id, zone_of};
use super::{NetworkInterface, PublicAddress};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, flag, optional, select, text};
use crate::error::Refusal;
use crate::family::security_group::SecurityGroup;
use crate::family::zone;
use crate::wire::Items;

fn of_primary<T>(interface: &NetworkInterface, value: impl Fn(&PublicAddress) -> Option<T>) -> Option<T> {
    interface.primary_public().and_then(value)
}

fn of_attachment(
    interface: &NetworkInterface,
    cx: &Context<'_>,
    values: impl Fn(&AttachmentItem) -> Vec<String>,
) -> Vec<String> {
    AttachmentItem::of(interface, cx).map(|shown| values(&shown)).unwrap_or_default()
}

pub(crate) fn group_names(interface: &NetworkInterface, cx: &Context<'_>) -> Vec<String> {
    let groups = interface.groups.iter().filter_map(|id| cx.region.get::<SecurityGroup>(*id));
    groups.map(|group| group.name.clone()).collect()
}

impl NetworkInterface {
    pub(crate) const FILTERS: FilterTable<Self> = &[
        ("addresses.association.owner-id", |eni, cx| eni.publics().map(|(_, public)| owner_of(public, cx)).collect()),
        ("addresses.association.public-ip", |eni, _| {
            eni.publics().map(|(_, public)| public.address.to_string()).collect()
        }),
        ("addresses.primary", |eni, _| {
            (0..eni.private_addresses().count()).map(|index| (index == 0).to_string()).collect()
        }),
        ("addresses.private-ip-address", |eni, _| eni.addresses().map(|address| address.to_string()).collect()),
        ("association.allocation-id", |eni, _| {
            optional(of_primary(eni, |public| public.elastic_ip.map(|(allocation, _)| allocation)))
        }),
        ("association.association-id", |eni, _| {
            optional(of_primary(eni, |public| public.elastic_ip.map(|(_, association)| association)))
        }),
        ("association.ip-owner-id", |eni, cx| optional(of_primary(eni, |public| Some(owner_of(public, cx))))),
        ("association.public-dns-name", |eni, cx| {
            optional(of_primary(eni, |public| Some(Names::of(eni, cx).public(Some(public), cx))))
        }),
        ("association.public-ip", |eni, _| optional(of_primary(eni, |public| Some(public.address)))),
        ("attachment.attach-time", |eni, cx| of_attachment(eni, cx, |shown| text(&shown.attach_time))),
        ("attachment.attachment-id", |eni, cx| of_attachment(eni, cx, |shown| text(&shown.attachment_id))),
        ("attachment.delete-on-termination", |eni, cx| {
            of_attachment(eni, cx, |shown| flag(shown.delete_on_termination))
        }),
        ("attachment.device-index", |eni, cx| of_attachment(eni, cx, |shown| text(shown.device_index))),
        ("attachment.instance-id", |eni, cx| of_attachment(eni, cx, |shown| optional(shown.instance_id))),
        ("attachment.instance-owner-id", |eni, cx| of_attachment(eni, cx, |shown| text(&shown.instance_owner_id))),
        ("attachment.status", |eni, cx| of_attachment(eni, cx, |shown| text(shown.status))),
        ("availability-zone", |eni, cx| text(zone_of(eni, cx))),
        ("availability-zone-id", |eni, cx| text(zone::zone_id(cx.region_name, &zone_of(eni, cx)))),
        ("description", |eni, _| text(&eni.description)),
        ("group-id", |eni, _| eni.groups.iter().map(ToString::to_string).collect()),
        ("group-name", |eni, cx| group_names(eni, cx)),
        ("interface-type", |eni, _| text(eni.interface_type())),
        ("ipv6-addresses.ipv6-address", |eni, _| eni.ipv6_addresses.iter().map(ToString::to_string).collect()),
        ("mac-address", |eni, _| text(&eni.mac_address)),
        ("network-interface-id", |eni, _| text(eni.id)),
        ("operator.managed", |_, _| flag(false)),
        ("operator.principal", |_, _| Vec::new()),
        ("owner-id", |_, cx| text(cx.account_id())),
        ("private-dns-name", |eni, cx| {
            optional(eni.primary_address().and_then(|address| Names::of(eni, cx).private(address, cx)))
        }),
        ("private-ip-address", |eni, _| optional(eni.primary_address())),
        ("requester-id", |eni, cx| optional(requester_id(eni, cx))),
        ("requester-managed", |eni, _| flag(eni.managed.is_some())),
        ("source-dest-check", |eni, _| flag(eni.source_dest_check)),
        ("status", |eni, _| text(eni.status())),
        ("subnet-id", |eni, _| text(eni.subnet_id)),
        ("vpc-id", |eni, _| text(eni.vpc_id)),
    ];
}

/// DescribeNetworkInterfaces.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeNetworkInterfaces {
    #[serde(rename = "NetworkInterfaceId", default)]
    network_interface_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "IncludeManagedResources")]
    _include_managed_resources: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeNetworkInterfacesResponse {
    network_interface_set: Items<NetworkInterfaceItem>,
    next_token: Option<String>,
}

impl Action for DescribeNetworkInterfaces {
    type Response = DescribeNetworkInterfacesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let query = Query {
            ids: &self.network_interface_ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "NetworkInterfaceIds",
        };
        let (found, next_token) = select(cx, &query, NetworkInterface::FILTERS)?;
        let items = found.into_iter().map(|interface| NetworkInterfaceItem::described(interface, cx));
        Ok(DescribeNetworkInterfacesResponse { network_interface_set: items.collect(), next_token })
    }
}
