//! ModifyVpcEndpoint.

use serde::Deserialize;
use vpcrun_model::{RouteTableId, SecurityGroupId, SubnetId};

use super::create::{DnsOptions, IpAddressType};
use super::placement::{self, SubnetConfiguration, find_route_table, find_subnet};
use super::service::{self, Service, ServiceType, unknown_service};
use super::{EndpointKind, InterfaceEndpoint, VpcEndpoint, find, invalid_parameter, policy};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::network_interface::{NetworkInterface, managed_by};
use crate::family::security_group::SecurityGroup;
use crate::family::vpc::Vpc;
use crate::state::Resource;
use crate::wire::Reply;

/// ModifyVpcEndpoint: all that is asked for, or nothing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyVpcEndpoint {
    vpc_endpoint_id: String,
    reset_policy: Option<bool>,
    policy_document: Option<String>,
    #[serde(rename = "AddRouteTableId", default)]
    add_route_tables: Vec<String>,
    #[serde(rename = "RemoveRouteTableId", default)]
    remove_route_tables: Vec<String>,
    #[serde(rename = "AddSubnetId", default)]
    add_subnets: Vec<String>,
    #[serde(rename = "RemoveSubnetId", default)]
    remove_subnets: Vec<String>,
    #[serde(rename = "AddSecurityGroupId", default)]
    add_groups: Vec<String>,
    #[serde(rename = "RemoveSecurityGroupId", default)]
    remove_groups: Vec<String>,
    ip_address_type: Option<IpAddressType>,
    #[serde(default)]
    dns_options: DnsOptions,
    private_dns_enabled: Option<bool>,
    #[serde(rename = "SubnetConfiguration", default)]
    subnet_configurations: Vec<SubnetConfiguration>,
}

impl ModifyVpcEndpoint {
    /// # Errors
    /// `InvalidParameter` for what endpoints of the other type have.
    fn check_type(&self, service_type: ServiceType) -> Result<(), Refusal> {
        let subnets = !self.add_subnets.is_empty() || !self.remove_subnets.is_empty();
        let message = match service_type {
            ServiceType::Gateway if subnets || !self.subnet_configurations.is_empty() => {
                "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints."
            }
            ServiceType::Gateway if !self.add_groups.is_empty() || !self.remove_groups.is_empty() => {
                "Security group IDs are only supported for Interface type VPC Endpoint."
            }
            ServiceType::Gateway if self.private_dns_enabled == Some(true) => {
                "Private DNS can only be enabled for Interface type VPC Endpoint."
            }
            ServiceType::Interface if !self.add_route_tables.is_empty() || !self.remove_route_tables.is_empty() => {
                "Route table IDs are only supported for Gateway type VPC Endpoint."
            }
            _ => return Ok(()),
        };
        Err(invalid_parameter(message))
    }

    /// The endpoint's policy from now on, if the request says one.
    fn policy(&self, service: &Service, service_type: ServiceType, region: &str) -> Result<Option<String>, Refusal> {
        match (&self.policy_document, self.reset_policy == Some(true)) {
            (Some(_), true) => Err(Refusal::invalid_parameter_combination(
                "The parameter PolicyDocument cannot be used with the parameter ResetPolicy",
            )),
            (None, true) => Ok(Some(
                match service_type {
                    ServiceType::Gateway => policy::GATEWAY_DEFAULT,
                    ServiceType::Interface => policy::INTERFACE_DEFAULT,
                }
                .to_owned(),
            )),
            (Some(text), false) => {
                policy::check_supported(service, region)?;
                policy::check(text)?;
                Ok(Some(text.clone()))
            }
            (None, false) => Ok(None),
        }
    }

    fn change_route_tables(&self, cx: &mut Context<'_>, endpoint: &VpcEndpoint) -> Result<(), Refusal> {
        let id = endpoint.id;
        let mut removed: Vec<RouteTableId> = Vec::new();
        for text in &self.remove_route_tables {
            let table = find_route_table(cx, text)?.id();
            if !endpoint.route_tables(&cx.region).contains(&table) {
                let message = format!("Route table {table} is not associated with the VPC endpoint {id}.");
                return Err(invalid_parameter(message));
            }
            removed.push(table);
        }
        placement::remove_routes(cx, id, &removed);
        if self.add_route_tables.is_empty() {
            return Ok(());
        }
        let list =
            service::prefix_list(cx, &endpoint.service_name).ok_or_else(|| unknown_service(&endpoint.service_name))?;
        let added = placement::checked_route_tables(cx, endpoint.vpc_id, list, &self.add_route_tables)?;
        placement::add_routes(cx, id, list, &added);
        Ok(())
    }

    /// The groups of the endpoint from now on.
    fn groups(
        &self,
        cx: &Context<'_>,
        endpoint: &VpcEndpoint,
        current: &[SecurityGroupId],
    ) -> Result<Vec<SecurityGroupId>, Refusal> {
        let mut groups = current.to_vec();
        for text in &self.remove_groups {
            let group = cx.find::<SecurityGroup>(text)?.id();
            if !groups.contains(&group) {
                let message =
                    format!("Security group {group} is not associated with the VPC endpoint {}.", endpoint.id);
                return Err(invalid_parameter(message));
            }
            groups.retain(|held| *held != group);
        }
        let mut wanted: Vec<String> = groups.iter().map(ToString::to_string).collect();
        wanted.extend(self.add_groups.iter().cloned());
        if wanted.is_empty() {
            let message = format!("The VPC endpoint {} must have at least one security group.", endpoint.id);
            return Err(invalid_parameter(message));
        }
        placement::groups(cx, endpoint.vpc_id, &wanted)
    }

    /// Changes the subnets. An address for a subnet that the endpoint is in already gives it a new interface there.
    fn change_subnets(
        &self,
        cx: &mut Context<'_>,
        endpoint: &VpcEndpoint,
        groups: &[SecurityGroupId],
    ) -> Result<(), Refusal> {
        let named = placement::named_subnets(&self.add_subnets, &self.subnet_configurations)?;
        let mut current = endpoint.subnets(&cx.region);
        for text in &self.remove_subnets {
            let subnet = find_subnet(cx, text)?.id;
            if !current.contains(&subnet) {
                let message = format!("Subnet {subnet} is not associated with the VPC endpoint {}.", endpoint.id);
                return Err(invalid_parameter(message));
            }
            current.retain(|held| *held != subnet);
            remove_interface(cx, endpoint, subnet);
        }
        let configured = self.subnet_configurations.iter().filter_map(|configuration| configuration.subnet_id.as_ref());
        for text in configured {
            let subnet = find_subnet(cx, text)?.id;
            if !self.add_subnets.contains(text) && current.contains(&subnet) {
                current.retain(|held| *held != subnet);
                remove_interface(cx, endpoint, subnet);
            }
        }
        let placements =
            placement::checked_subnets(cx, endpoint.vpc_id, &named, &self.subnet_configurations, &current)?;
        placement::add_interfaces(cx, endpoint.id, groups, placements)
    }

    /// What the endpoint is from now on, its interfaces aside.
    fn changed(
        &self,
        cx: &Context<'_>,
        endpoint: &VpcEndpoint,
        service: &Service,
        mut interface: InterfaceEndpoint,
    ) -> Result<InterfaceEndpoint, Refusal> {
        interface.groups = self.groups(cx, endpoint, &interface.groups)?;
        interface.dns_record_ip_type = self.dns_options.dns_record_ip_type.unwrap_or(interface.dns_record_ip_type);
        let was_private = interface.private_dns_enabled;
        interface.private_dns_enabled = self.private_dns_enabled.unwrap_or(was_private);
        if service.offers(ServiceType::Gateway) {
            let asked = self.dns_options.private_dns_only_for_inbound_resolver_endpoint;
            let newly_private = interface.private_dns_enabled && !was_private;
            let only_inbound = &mut interface.private_dns_only_for_inbound_resolver_endpoint;
            *only_inbound = asked.or(if newly_private { Some(true) } else { *only_inbound });
        }
        if interface.private_dns_enabled && !was_private {
            let vpc = cx.find::<Vpc>(&endpoint.vpc_id.to_string())?;
            placement::check_private_dns(cx, vpc, service, Some(endpoint.id))?;
        }
        placement::check_inbound_only(cx, endpoint.vpc_id, service, &interface)?;
        Ok(interface)
    }
}

fn remove_interface(cx: &mut Context<'_>, endpoint: &VpcEndpoint, subnet: SubnetId) {
    let held = managed_by(&cx.region, endpoint.id).find(|interface| interface.subnet_id == subnet);
    if let Some(id) = held.map(|interface| interface.id) {
        cx.region.remove(id);
    }
}

impl Action for ModifyVpcEndpoint {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let mut endpoint = find(cx, &self.vpc_endpoint_id)?.clone();
        if !endpoint.is_alive() {
            let message = format!("The VPC endpoint {} is not in a valid state for this operation.", endpoint.id);
            return Err(Refusal::new("IncorrectState", message));
        }
        let name = &endpoint.service_name;
        let service = service::find(name, cx.region_name).ok_or_else(|| unknown_service(name))?;
        let service_type = if endpoint.interface().is_some() { ServiceType::Interface } else { ServiceType::Gateway };
        self.check_type(service_type)?;
        self.dns_options.check(service, service_type)?;
        if let Some(ip_address_type) = self.ip_address_type {
            ip_address_type.check(name)?;
        }
        if let Some(policy) = self.policy(service, service_type, cx.region_name)? {
            endpoint.policy_document = policy;
        }
        match endpoint.kind.clone() {
            EndpointKind::Gateway => self.change_route_tables(cx, &endpoint)?,
            EndpointKind::Interface(interface) => {
                let interface = self.changed(cx, &endpoint, service, interface)?;
                self.change_subnets(cx, &endpoint, &interface.groups)?;
                let ids: Vec<_> = managed_by(&cx.region, endpoint.id).map(|interface| interface.id).collect();
                for id in ids {
                    cx.region.update(id, |held: &mut NetworkInterface| held.groups.clone_from(&interface.groups));
                }
                endpoint.kind = EndpointKind::Interface(interface);
            }
        }
        cx.region.put(endpoint);
        Ok(Reply::TRUE)
    }
}
