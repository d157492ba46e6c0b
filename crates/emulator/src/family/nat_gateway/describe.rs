//! DescribeNatGateways, and how NAT gateways stand in answers.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{AddressAssociationId, AllocationId, NatGatewayId, NetworkInterfaceId, SubnetId, VpcId};

use super::{AddressStatus, ConnectivityType, NatGateway, NatGatewayAddress, find};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, select, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set};
use crate::wire::Items;

impl NatGateway {
    const FILTERS: FilterTable<Self> = &[
        ("nat-gateway-id", |gateway, _| text(gateway.id)),
        ("state", |gateway, _| text(gateway.state.name())),
        ("subnet-id", |gateway, _| text(gateway.subnet_id)),
        ("vpc-id", |gateway, _| text(gateway.vpc_id)),
    ];
}

/// A NAT gateway in an answer.
#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NatGatewayItem {
    nat_gateway_id: NatGatewayId,
    vpc_id: VpcId,
    subnet_id: SubnetId,
    state: &'static str,
    connectivity_type: ConnectivityType,
    availability_mode: &'static str,
    create_time: String,
    delete_time: Option<String>,
    failure_code: Option<String>,
    failure_message: Option<String>,
    nat_gateway_address_set: Items<AddressItem>,
    tag_set: Items<TagItem>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddressItem {
    allocation_id: Option<AllocationId>,
    association_id: Option<AddressAssociationId>,
    is_primary: bool,
    network_interface_id: Option<NetworkInterfaceId>,
    private_ip: Option<Ipv4Addr>,
    public_ip: Option<Ipv4Addr>,
    status: AddressStatus,
}

impl AddressItem {
    pub(super) fn new(address: &NatGatewayAddress, is_primary: bool) -> Self {
        Self {
            allocation_id: address.allocation_id,
            association_id: address.association_id,
            is_primary,
            network_interface_id: address.network_interface_id,
            private_ip: address.private_ip,
            public_ip: address.public_ip,
            status: address.status,
        }
    }

    /// An address that was just asked for: EC2 knows its own part of it only later.
    pub(super) fn requested(address: &NatGatewayAddress, is_primary: bool) -> Self {
        Self { association_id: None, private_ip: None, public_ip: None, ..Self::new(address, is_primary) }
    }
}

impl NatGatewayItem {
    pub(super) fn described(gateway: &NatGateway) -> Self {
        let address = |(index, address): (usize, &NatGatewayAddress)| AddressItem::new(address, index == 0);
        // What EC2 has yet to find out is not told before the gateway has failed.
        let failure = gateway.failure.as_ref().filter(|_| gateway.state != super::NatGatewayState::Pending);
        Self {
            nat_gateway_id: gateway.id,
            vpc_id: gateway.vpc_id,
            subnet_id: gateway.subnet_id,
            state: gateway.state.name(),
            connectivity_type: gateway.connectivity_type,
            availability_mode: "zonal",
            create_time: gateway.create_time.to_string(),
            delete_time: gateway.delete_time.map(|time| time.to_string()),
            failure_code: failure.map(|failure| failure.code.clone()),
            failure_message: failure.map(|failure| failure.message.clone()),
            nat_gateway_address_set: gateway.addresses.iter().enumerate().map(address).collect(),
            tag_set: tag_set(&gateway.tags),
        }
    }

    /// CreateNatGateway shows what was asked for, not yet what EC2 made of it.
    pub(super) fn created(gateway: &NatGateway) -> Self {
        let address = |(index, address): (usize, &NatGatewayAddress)| AddressItem {
            network_interface_id: None,
            ..AddressItem::requested(address, index == 0)
        };
        Self {
            nat_gateway_address_set: gateway.addresses.iter().enumerate().map(address).collect(),
            ..Self::described(gateway)
        }
    }
}

/// DescribeNatGateways. Unlike other actions it calls its filters `Filter` in every client.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeNatGateways {
    #[serde(rename = "NatGatewayId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeNatGatewaysResponse {
    nat_gateway_set: Items<NatGatewayItem>,
    next_token: Option<String>,
}

impl Action for DescribeNatGateways {
    type Response = DescribeNatGatewaysResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        // Their words for unknown ids are not those of other kinds.
        for id in &self.ids {
            find(cx, id)?;
        }
        let query = Query {
            ids: &self.ids,
            filters: &self.filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "NatGatewayIds",
        };
        let (found, next_token) = select(cx, &query, NatGateway::FILTERS)?;
        let nat_gateway_set = found.into_iter().map(NatGatewayItem::described).collect();
        Ok(DescribeNatGatewaysResponse { nat_gateway_set, next_token })
    }
}
