//! Route selection: which route of a table a packet takes, and where it leads.
//!
//! Source: "Route priority" in the Amazon VPC User Guide.
//!
//! | rule | effect here |
//! |---|---|
//! | longest prefix match | the matching route with the longest prefix wins |
//! | a propagated route never beats the local one | it is left out when a local route matches, even a less specific one |
//! | static before propagated | decides between equal prefixes |
//! | blackhole | the route still wins; what takes it is dropped |

use std::fmt;
use std::net::Ipv4Addr;

use crate::id::{
    EgressOnlyInternetGatewayId, InstanceId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, VpcEndpointId,
    VpcPeeringConnectionId,
};
use crate::resource::{GatewayId, Route, RouteOrigin, RouteState, RouteTable};

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteTarget {
    /// Within the VPC.
    Local,
    /// To the internet.
    InternetGateway(InternetGatewayId),
    /// To the internet over IPv6, outwards only.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// To a NAT gateway.
    NatGateway(NatGatewayId),
    /// To a network interface, of this instance if it is attached to one.
    NetworkInterface(NetworkInterfaceId, Option<InstanceId>),
    /// To an instance of which AWS names no network interface.
    Instance(InstanceId),
    /// To a peered VPC.
    VpcPeeringConnection(VpcPeeringConnectionId),
    /// To a gateway or Gateway Load Balancer endpoint.
    VpcEndpoint(VpcEndpointId),
    /// To something else, by its id or ARN: a transit, virtual private, local or carrier gateway, a core network.
    Other(String),
}

impl fmt::Display for RouteTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.pad("local"),
            Self::InternetGateway(id) => id.fmt(f),
            Self::EgressOnlyInternetGateway(id) => id.fmt(f),
            Self::NatGateway(id) => id.fmt(f),
            Self::NetworkInterface(id, _) => id.fmt(f),
            Self::Instance(id) => id.fmt(f),
            Self::VpcPeeringConnection(id) => id.fmt(f),
            Self::VpcEndpoint(id) => id.fmt(f),
            Self::Other(text) => f.pad(text),
        }
    }
}

impl Route {
    /// Where the route leads; `None` when AWS names no target that is known here.
    #[must_use]
    pub fn target(&self) -> Option<RouteTarget> {
        let gateway = |gateway: &GatewayId| match gateway {
            GatewayId::Local => RouteTarget::Local,
            GatewayId::InternetGateway(id) => RouteTarget::InternetGateway(*id),
            GatewayId::VpcEndpoint(id) => RouteTarget::VpcEndpoint(*id),
            GatewayId::Other(text) => RouteTarget::Other(text.clone()),
        };
        let interface = |id| RouteTarget::NetworkInterface(id, self.instance_id);
        let others =
            [&self.transit_gateway_id, &self.local_gateway_id, &self.carrier_gateway_id, &self.core_network_arn];
        None.or_else(|| self.gateway_id.as_ref().map(gateway))
            .or_else(|| self.nat_gateway_id.map(RouteTarget::NatGateway))
            .or_else(|| self.network_interface_id.map(interface))
            .or_else(|| self.instance_id.map(RouteTarget::Instance))
            .or_else(|| self.vpc_peering_connection_id.map(RouteTarget::VpcPeeringConnection))
            .or_else(|| self.egress_only_internet_gateway_id.map(RouteTarget::EgressOnlyInternetGateway))
            .or_else(|| others.into_iter().flatten().next().cloned().map(RouteTarget::Other))
    }

    /// The destination as text: a block or a prefix list.
    #[must_use]
    pub fn destination(&self) -> Option<String> {
        let ipv4 = self.destination_cidr_block.map(|block| block.to_string());
        let ipv6 = || self.destination_ipv6_cidr_block.map(|block| block.to_string());
        ipv4.or_else(ipv6).or_else(|| self.destination_prefix_list_id.map(|id| id.to_string()))
    }

    /// Whether this is a `local` route.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.gateway_id == Some(GatewayId::Local)
    }

    /// Whether somebody else than an operator wrote the route: a virtual private gateway or a route server.
    #[must_use]
    pub fn is_propagated(&self) -> bool {
        matches!(self.origin, Some(RouteOrigin::EnableVgwRoutePropagation | RouteOrigin::Advertisement))
    }

    /// Whether the route's target is gone or not attached, so that what takes the route is dropped.
    #[must_use]
    pub fn is_blackhole(&self) -> bool {
        self.state == Some(RouteState::Blackhole)
    }

    /// Whether the route carries packets; so taken where AWS names no state.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.state, None | Some(RouteState::Active))
    }

    /// The prefix length with which the route matches; `None` when it does not.
    fn matches(&self, destination: Ipv4Addr) -> Option<u8> {
        let block = self.destination_cidr_block.filter(|block| block.contains(&destination))?;
        (self.state != Some(RouteState::Filtered)).then_some(block.prefix_len())
    }
}

/// The route of `table` that a packet to `destination` takes. It may be a blackhole: the caller drops the packet then.
///
/// Routes to prefix lists are left out: their entries are not part of a snapshot. [`has_prefix_list_route`] tells whether
/// the answer may be incomplete for that reason.
///
/// ```
/// use vpcrun_model::{RouteTable, RouteTarget, select_route};
/// let table: RouteTable = serde_json::from_str(r#"{
///     "RouteTableId": "rtb-0e1d2c3b4a5968770", "VpcId": "vpc-0b1c6f0d2a9e47c31",
///     "Routes": [
///         {"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "local", "State": "active"},
///         {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-07d1c2b3a4f5e6d78", "State": "active"}
///     ]}"#)?;
/// let target = |address: &str| select_route(&table, address.parse().expect("address")).and_then(|route| route.target());
/// assert_eq!(target("192.168.2.4"), Some(RouteTarget::Local));
/// assert_eq!(target("198.51.100.7").expect("a default route").to_string(), "igw-07d1c2b3a4f5e6d78");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn select_route(table: &RouteTable, destination: Ipv4Addr) -> Option<&Route> {
    select_among(&table.routes, destination)
}

/// [`select_route`] among routes that the caller chose.
pub(crate) fn select_among<'a>(
    routes: impl IntoIterator<Item = &'a Route, IntoIter: Clone>,
    destination: Ipv4Addr,
) -> Option<&'a Route> {
    let matching = routes.into_iter().filter_map(|route| Some((route, route.matches(destination)?)));
    let local = matching.clone().any(|(route, _)| route.is_local());
    matching
        .filter(|(route, _)| !(local && route.is_propagated()))
        .max_by_key(|(route, prefix_len)| (*prefix_len, route.is_local(), !route.is_propagated()))
        .map(|(route, _)| route)
}

/// Whether the table has routes to prefix lists, which [`select_route`] cannot judge.
#[must_use]
pub fn has_prefix_list_route(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| route.destination_prefix_list_id.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;

    fn table(routes: &[(&str, &str, RouteOrigin, RouteState)]) -> RouteTable {
        let route = |(block, gateway, origin, state): &(&str, &str, RouteOrigin, RouteState)| Route {
            destination_cidr_block: Some(block.parse().expect(block)),
            gateway_id: gateway.parse().ok(),
            origin: Some(origin.clone()),
            state: Some(state.clone()),
            ..Route::default()
        };
        let json = r#"{"RouteTableId": "rtb-00000001", "VpcId": "vpc-00000001"}"#;
        let empty: RouteTable = serde_json::from_str(json).expect("a table");
        RouteTable { routes: routes.iter().map(route).collect(), ..empty }
    }

    fn gateway(table: &RouteTable, address: &str) -> Option<String> {
        let address = address.parse().expect(address);
        select_route(table, address).map(|route| route.target().expect("a target").to_string())
    }

    use RouteOrigin::{CreateRoute, CreateRouteTable, EnableVgwRoutePropagation};
    use RouteState::{Active, Blackhole, Filtered};

    #[test]
    fn the_longest_prefix_wins_in_any_order() {
        let mut table = table(&[
            ("0.0.0.0/0", "igw-00000001", CreateRoute, Active),
            ("10.0.0.0/16", "local", CreateRouteTable, Active),
            ("10.0.1.0/24", "vpce-00000001", CreateRoute, Active),
            ("255.255.255.255/32", "vgw-00000001", CreateRoute, Active),
        ]);
        for _ in 0..table.routes.len() {
            table.routes.rotate_left(1);
            assert_eq!(gateway(&table, "10.0.2.1").as_deref(), Some("local"));
            assert_eq!(gateway(&table, "10.0.1.1").as_deref(), Some("vpce-00000001"), "a middlebox route");
            assert_eq!(gateway(&table, "10.1.0.0").as_deref(), Some("igw-00000001"));
            assert_eq!(gateway(&table, "0.0.0.0").as_deref(), Some("igw-00000001"));
            assert_eq!(gateway(&table, "255.255.255.255").as_deref(), Some("vgw-00000001"));
        }
    }

    #[test]
    fn static_beats_propagated_only_between_equals_and_local_always() {
        let mut table = table(&[
            ("10.0.0.0/16", "local", CreateRouteTable, Active),
            ("10.0.1.0/24", "vgw-00000001", EnableVgwRoutePropagation, Active),
            ("172.31.0.0/16", "igw-00000001", CreateRoute, Active),
            ("172.31.0.0/16", "vgw-00000001", EnableVgwRoutePropagation, Active),
            ("172.31.5.0/24", "vgw-00000002", EnableVgwRoutePropagation, Active),
        ]);
        for _ in 0..table.routes.len() {
            table.routes.rotate_left(1);
            assert_eq!(gateway(&table, "10.0.1.1").as_deref(), Some("local"));
            assert_eq!(gateway(&table, "172.31.0.1").as_deref(), Some("igw-00000001"));
            assert_eq!(gateway(&table, "172.31.5.1").as_deref(), Some("vgw-00000002"));
            assert_eq!(gateway(&table, "192.0.2.1"), None);
        }
    }

    #[test]
    fn a_blackhole_swallows_and_a_filtered_route_does_not() {
        let table = table(&[
            ("0.0.0.0/0", "igw-00000001", CreateRoute, Active),
            ("192.0.2.0/24", "igw-00000002", CreateRoute, Blackhole),
            ("198.51.100.0/24", "igw-00000002", RouteOrigin::Advertisement, Filtered),
        ]);
        let route = select_route(&table, Ipv4Addr::new(192, 0, 2, 1)).expect("a route");
        assert!(route.is_blackhole() && !route.is_active());
        assert_eq!(gateway(&table, "198.51.100.1").as_deref(), Some("igw-00000001"));
    }

    #[test]
    fn every_target_is_told_from_the_others() {
        let eni = NetworkInterfaceId::from_bits(1);
        let instance = InstanceId::from_bits(2);
        let through_instance =
            Route { network_interface_id: Some(eni), instance_id: Some(instance), ..Route::default() };
        assert_eq!(through_instance.target(), Some(RouteTarget::NetworkInterface(eni, Some(instance))));
        let nat = Route { nat_gateway_id: Some(NatGatewayId::from_bits(3)), ..Route::default() };
        assert_eq!(nat.target(), Some(RouteTarget::NatGateway(NatGatewayId::from_bits(3))));
        let transit = Route { transit_gateway_id: Some("tgw-00000001".to_owned()), ..Route::default() };
        assert_eq!(transit.target().expect("a target").to_string(), "tgw-00000001");
        assert_eq!(Route::default().target(), None);
    }

    #[test]
    fn prefix_list_routes_are_told_of() {
        let mut table = table(&[("0.0.0.0/0", "igw-00000001", CreateRoute, Active)]);
        assert!(!has_prefix_list_route(&table));
        let route = Route { destination_prefix_list_id: "pl-00000001".parse().ok(), ..Route::default() };
        assert_eq!(route.destination().as_deref(), Some("pl-00000001"));
        table.routes.push(route);
        assert!(has_prefix_list_route(&table));
        assert_eq!(gateway(&table, "192.0.2.1").as_deref(), Some("igw-00000001"));
    }
}
