//! DescribeVpcEndpoints, and endpoints as answers show them.

use serde::Serialize;
use serde_with::skip_serializing_none;
use vpcrun_model::{NetworkInterfaceId, RouteTableId, SubnetId, VpcEndpointId, VpcId};

use super::dns::{self, DnsEntry};
use super::{DnsRecordIpType, InterfaceEndpoint, VpcEndpoint, service};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, optional, select, text};
use crate::error::Refusal;
use crate::family::network_interface::managed_by;
use crate::family::security_group::{GroupIdentifier, group_set};
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

impl VpcEndpoint {
    const FILTERS: FilterTable<Self> = &[
        ("ip-address-type", |endpoint, _| optional(endpoint.interface().map(|_| "ipv4"))),
        ("service-name", |endpoint, _| text(&endpoint.service_name)),
        ("service-region", |_, cx| text(cx.region_name)),
        ("vpc-endpoint-id", |endpoint, _| text(endpoint.id)),
        ("vpc-endpoint-state", |endpoint, _| text(endpoint.state.name())),
        ("vpc-endpoint-type", |endpoint, _| text(endpoint.type_name())),
        ("vpc-id", |endpoint, _| text(endpoint.vpc_id)),
    ];
}

/// An endpoint in an answer. Its state is in lower case, though the model's enumeration is not.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VpcEndpointItem {
    vpc_endpoint_id: VpcEndpointId,
    vpc_endpoint_type: &'static str,
    vpc_id: VpcId,
    service_name: String,
    state: &'static str,
    policy_document: String,
    route_table_id_set: Items<RouteTableId>,
    subnet_id_set: Items<SubnetId>,
    group_set: Items<GroupIdentifier>,
    ip_address_type: Option<&'static str>,
    dns_options: Option<DnsOptionsItem>,
    private_dns_enabled: bool,
    requester_managed: bool,
    network_interface_id_set: Items<NetworkInterfaceId>,
    dns_entry_set: Items<DnsEntry>,
    creation_timestamp: String,
    tag_set: Items<TagItem>,
    owner_id: String,
    service_region: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DnsOptionsItem {
    dns_record_ip_type: DnsRecordIpType,
    private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
}

impl DnsOptionsItem {
    fn of(interface: &InterfaceEndpoint) -> Self {
        Self {
            dns_record_ip_type: interface.dns_record_ip_type,
            private_dns_only_for_inbound_resolver_endpoint: interface.private_dns_only_for_inbound_resolver_endpoint,
        }
    }
}

impl VpcEndpointItem {
    pub(super) fn new(endpoint: &VpcEndpoint, cx: &Context<'_>) -> Self {
        let interface = endpoint.interface();
        let service = service::find(&endpoint.service_name, cx.region_name);
        let dns_entries = match (interface, service) {
            (Some(interface), Some(service)) => dns::entries(endpoint, interface, service, cx),
            _ => Vec::new(),
        };
        Self {
            vpc_endpoint_id: endpoint.id,
            vpc_endpoint_type: endpoint.type_name(),
            vpc_id: endpoint.vpc_id,
            service_name: endpoint.service_name.clone(),
            state: endpoint.state.name(),
            policy_document: endpoint.policy_document.clone(),
            route_table_id_set: endpoint.route_tables(&cx.region).into(),
            subnet_id_set: endpoint.subnets(&cx.region).into(),
            group_set: interface.map(|interface| group_set(&cx.region, &interface.groups)).unwrap_or_default(),
            ip_address_type: interface.map(|_| "ipv4"),
            dns_options: interface.map(DnsOptionsItem::of),
            private_dns_enabled: interface.is_some_and(|interface| interface.private_dns_enabled),
            requester_managed: false,
            network_interface_id_set: managed_by(&cx.region, endpoint.id).map(|interface| interface.id).collect(),
            dns_entry_set: dns_entries.into(),
            creation_timestamp: endpoint.creation_time.to_string(),
            tag_set: tag_set(&endpoint.tags),
            owner_id: cx.account_id().to_owned(),
            service_region: cx.region_name.to_owned(),
        }
    }
}

/// DescribeVpcEndpoints.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeVpcEndpoints {
    #[serde(rename = "VpcEndpointId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeVpcEndpointsResponse {
    vpc_endpoint_set: Items<VpcEndpointItem>,
    next_token: Option<String>,
}

impl Action for DescribeVpcEndpoints {
    type Response = DescribeVpcEndpointsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        for id in &self.ids {
            super::find(cx, id)?;
        }
        // A page of more than 1,000 is cut to 1,000 here, not refused.
        let max_results = self.max_results.map(|size| size.min(1_000));
        let query = Query {
            ids: &self.ids,
            filters: &self.filters,
            page: Page { max_results, next_token: self.next_token },
            ids_name: "VpcEndpointIds",
        };
        let (found, next_token) = select(cx, &query, VpcEndpoint::FILTERS)?;
        Ok(DescribeVpcEndpointsResponse {
            vpc_endpoint_set: found.into_iter().map(|endpoint| VpcEndpointItem::new(endpoint, cx)).collect(),
            next_token,
        })
    }
}
