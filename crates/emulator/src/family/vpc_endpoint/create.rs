//! CreateVpcEndpoint.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{VpcEndpointId, VpcId};

use super::describe::VpcEndpointItem;
use super::placement::{self, SubnetConfiguration};
use super::service::{self, Service, ServiceType, unknown_service};
use super::{
    DnsRecordIpType, EndpointKind, EndpointState, InterfaceEndpoint, VpcEndpoint, dns, invalid_parameter, malformed,
    policy,
};
use crate::action::{Action, Context};
use crate::client_token::made_before;
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::quota;

/// The types of endpoints there are on AWS.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
enum VpcEndpointType {
    Interface,
    #[default]
    Gateway,
    GatewayLoadBalancer,
    Resource,
    ServiceNetwork,
}

impl VpcEndpointType {
    fn name(self) -> &'static str {
        match self {
            Self::Interface => "Interface",
            Self::Gateway => "Gateway",
            Self::GatewayLoadBalancer => "GatewayLoadBalancer",
            Self::Resource => "Resource",
            Self::ServiceNetwork => "ServiceNetwork",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum IpAddressType {
    Ipv4,
    Dualstack,
    Ipv6,
}

impl IpAddressType {
    /// # Errors
    /// `InvalidParameter` for what AWS's services are not listed with here.
    pub(super) fn check(self, service_name: &str) -> Result<(), Refusal> {
        let name = match self {
            Self::Ipv4 => return Ok(()),
            Self::Dualstack => "dualstack",
            Self::Ipv6 => "ipv6",
        };
        Err(invalid_parameter(format!(
            "The IP address type ({name}) is not supported by the VPC endpoint service {service_name}."
        )))
    }
}

/// DNS options in a request.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DnsOptions {
    pub(super) dns_record_ip_type: Option<DnsRecordIpType>,
    pub(super) private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    private_dns_preference: Option<String>,
    #[serde(rename = "PrivateDnsSpecifiedDomain", default)]
    private_dns_specified_domains: Vec<String>,
}

impl DnsOptions {
    /// # Errors
    /// `InvalidParameter` for an option that endpoints of this type or of this service do not have.
    pub(super) fn check(&self, service: &Service, service_type: ServiceType) -> Result<(), Refusal> {
        if self.private_dns_preference.is_some() || !self.private_dns_specified_domains.is_empty() {
            return Err(invalid_parameter(
                "DnsOptions PrivateDnsPreference is applicable only to Resource and ServiceNetwork VPC Endpoints.",
            ));
        }
        if service_type == ServiceType::Gateway && self.private_dns_only_for_inbound_resolver_endpoint.is_some() {
            return Err(invalid_parameter(
                "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.",
            ));
        }
        if self.private_dns_only_for_inbound_resolver_endpoint == Some(true) && !service.offers(ServiceType::Gateway) {
            return Err(invalid_parameter(
                "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to services that support both \
                 Gateway and Interface VPC Endpoints.",
            ));
        }
        match self.dns_record_ip_type {
            Some(DnsRecordIpType::Dualstack | DnsRecordIpType::Ipv6) => Err(invalid_parameter(
                "The DNS record IP type is not compatible with the IP address type (ipv4) of the VPC Endpoint.",
            )),
            _ => Ok(()),
        }
    }
}

/// CreateVpcEndpoint.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateVpcEndpoint {
    #[serde(default)]
    vpc_endpoint_type: VpcEndpointType,
    vpc_id: String,
    service_name: Option<String>,
    policy_document: Option<String>,
    #[serde(rename = "RouteTableId", default)]
    route_table_ids: Vec<String>,
    #[serde(rename = "SubnetId", default)]
    subnet_ids: Vec<String>,
    #[serde(rename = "SecurityGroupId", default)]
    security_group_ids: Vec<String>,
    ip_address_type: Option<IpAddressType>,
    #[serde(default)]
    dns_options: DnsOptions,
    client_token: Option<String>,
    private_dns_enabled: Option<bool>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    #[serde(rename = "SubnetConfiguration", default)]
    subnet_configurations: Vec<SubnetConfiguration>,
    service_network_arn: Option<String>,
    resource_configuration_arn: Option<String>,
    service_region: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateVpcEndpointResponse {
    vpc_endpoint: VpcEndpointItem,
    client_token: Option<String>,
}

const NAME: &str = "CreateVpcEndpoint";

impl CreateVpcEndpoint {
    /// The service, and its type that is asked for.
    fn service(&self, cx: &Context<'_>) -> Result<(&'static Service, ServiceType), Refusal> {
        let network = self.service_network_arn.is_some() || self.resource_configuration_arn.is_some();
        if network || matches!(self.vpc_endpoint_type, VpcEndpointType::Resource | VpcEndpointType::ServiceNetwork) {
            let message = "VPC endpoints of the types Resource and ServiceNetwork are not supported.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        let name = self.service_name.as_deref().ok_or_else(|| Refusal::missing_parameter("serviceName"))?;
        if let Some(region) = self.service_region.as_deref().filter(|region| *region != cx.region_name) {
            return Err(invalid_parameter(format!(
                "The VPC endpoint service {name} is not available from the service region {region}."
            )));
        }
        let service = service::find(name, cx.region_name).ok_or_else(|| unknown_service(name))?;
        let wanted = self.vpc_endpoint_type.name();
        match service.types.iter().find(|service_type| service_type.name() == wanted) {
            Some(service_type) => Ok((service, *service_type)),
            None => {
                let types: Vec<_> = service.types.iter().map(|service_type| service_type.name()).collect();
                Err(invalid_parameter(format!(
                    "Endpoint type ({wanted}) does not match available service types ([{}]).",
                    types.join(", ")
                )))
            }
        }
    }

    /// # Errors
    /// `InvalidParameter` for what the other type of endpoints has.
    fn check_type(&self, service_type: ServiceType) -> Result<(), Refusal> {
        let of_interfaces = [
            (
                !self.subnet_ids.is_empty() || !self.subnet_configurations.is_empty(),
                "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
            ),
            (
                !self.security_group_ids.is_empty(),
                "Security group IDs are only supported for Interface type VPC Endpoint.",
            ),
            (
                self.private_dns_enabled == Some(true),
                "Private DNS can only be enabled for Interface type VPC Endpoint.",
            ),
        ];
        match service_type {
            ServiceType::Gateway => of_interfaces
                .into_iter()
                .find(|(given, _)| *given)
                .map_or(Ok(()), |(_, message)| Err(invalid_parameter(message))),
            ServiceType::Interface if !self.route_table_ids.is_empty() => {
                Err(invalid_parameter("Route table IDs are only supported for Gateway type VPC Endpoint."))
            }
            ServiceType::Interface => Ok(()),
        }
    }

    fn policy(&self, service: &Service, default: &str, cx: &Context<'_>) -> Result<String, Refusal> {
        let Some(text) = &self.policy_document else { return Ok(default.to_owned()) };
        policy::check_supported(service, cx.region_name)?;
        policy::check(text)?;
        Ok(text.clone())
    }

    fn create_gateway(self, cx: &mut Context<'_>, vpc: VpcId, service: &Service) -> Result<VpcEndpointId, Refusal> {
        let policy_document = self.policy(service, policy::GATEWAY_DEFAULT, cx)?;
        let name = service.name(cx.region_name);
        let list = service::prefix_list(cx, &name)
            .ok_or_else(|| Refusal::internal(format!("the region has no prefix list {name}")))?;
        let tables = placement::checked_route_tables(cx, vpc, list, &self.route_table_ids)?;
        cx.check_quota(&quota::GATEWAY_ENDPOINTS, |region| {
            1 + region.all::<VpcEndpoint>().filter(|other| other.interface().is_none()).count()
        })?;
        let endpoint = self.endpoint(cx, vpc, name, policy_document, EndpointKind::Gateway)?;
        let id = endpoint.id;
        cx.region.put(endpoint);
        placement::add_routes(cx, id, list, &tables);
        Ok(id)
    }

    fn create_interface(self, cx: &mut Context<'_>, vpc: VpcId, service: &Service) -> Result<VpcEndpointId, Refusal> {
        let policy_document = self.policy(service, policy::INTERFACE_DEFAULT, cx)?;
        let name = service.name(cx.region_name);
        let subnet_ids = placement::named_subnets(&self.subnet_ids, &self.subnet_configurations)?;
        let placements = placement::checked_subnets(cx, vpc, &subnet_ids, &self.subnet_configurations, &[])?;
        let groups = placement::groups(cx, vpc, &self.security_group_ids)?;
        let has_gateway = service.offers(ServiceType::Gateway);
        // The names of a service are private unless the request says otherwise; those with gateway endpoints are not.
        let private_dns_enabled = self.private_dns_enabled.unwrap_or(!has_gateway);
        let only_inbound = self.dns_options.private_dns_only_for_inbound_resolver_endpoint;
        let interface = InterfaceEndpoint {
            groups: groups.clone(),
            private_dns_enabled,
            dns_record_ip_type: self.dns_options.dns_record_ip_type.unwrap_or(DnsRecordIpType::Ipv4),
            private_dns_only_for_inbound_resolver_endpoint: has_gateway
                .then(|| only_inbound.unwrap_or(private_dns_enabled)),
            dns_suffix: dns::suffix(cx.state.account.next_random()),
            hosted_zone_id: dns::hosted_zone_id(cx.state.account.next_random()),
        };
        if private_dns_enabled {
            placement::check_private_dns(cx, cx.find::<Vpc>(&vpc.to_string())?, service, None)?;
        }
        placement::check_inbound_only(cx, vpc, service, &interface)?;
        cx.check_quota(&quota::INTERFACE_ENDPOINTS, |region| {
            1 + region.referrers::<VpcEndpoint>(vpc).filter(|other| other.interface().is_some()).count()
        })?;
        let mut endpoint = self.endpoint(cx, vpc, name, policy_document, EndpointKind::Interface(interface))?;
        endpoint.state = EndpointState::Pending;
        endpoint.due = Some(cx.end_of(Transition::CreateEndpoint));
        let id = endpoint.id;
        cx.region.put(endpoint);
        placement::add_interfaces(cx, id, &groups, placements)?;
        Ok(id)
    }

    fn endpoint(
        self,
        cx: &mut Context<'_>,
        vpc_id: VpcId,
        service_name: String,
        policy_document: String,
        kind: EndpointKind,
    ) -> Result<VpcEndpoint, Refusal> {
        Ok(VpcEndpoint {
            id: cx.new_id(),
            vpc_id,
            service_name,
            state: EndpointState::Available,
            due: None,
            creation_time: cx.now,
            policy_document,
            kind,
            tags: specified_tags(&self.tag_specifications, &["vpc-endpoint"], "vpc-endpoint")?,
        })
    }
}

fn find_vpc<'c>(cx: &'c Context<'_>, text: &str) -> Result<&'c Vpc, Refusal> {
    let id: VpcId = text.parse().map_err(|_| malformed("InvalidVpcId.Malformed", "Id", text, "vpc"))?;
    let missing = || Refusal::new("InvalidVpcId.NotFound", format!("The vpc ID '{text}' does not exist"));
    cx.region.get(id).ok_or_else(missing)
}

impl Action for CreateVpcEndpoint {
    type Response = CreateVpcEndpointResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let client_token = self.client_token.clone();
        if let Some(endpoint) = made_before::<VpcEndpoint>(cx, NAME, client_token.as_deref())? {
            return Ok(CreateVpcEndpointResponse { vpc_endpoint: VpcEndpointItem::new(endpoint, cx), client_token });
        }
        let vpc = find_vpc(cx, &self.vpc_id)?.id;
        let (service, service_type) = self.service(cx)?;
        self.check_type(service_type)?;
        self.dns_options.check(service, service_type)?;
        if let Some(ip_address_type) = self.ip_address_type {
            ip_address_type.check(&service.name(cx.region_name))?;
        }
        let id = match service_type {
            ServiceType::Gateway => self.create_gateway(cx, vpc, service)?,
            ServiceType::Interface => self.create_interface(cx, vpc, service)?,
        };
        cx.remember(NAME, client_token.as_deref(), vec![id.into()]);
        let endpoint = cx.region.get::<VpcEndpoint>(id).ok_or_else(|| super::unknown(&id.to_string()))?;
        Ok(CreateVpcEndpointResponse { vpc_endpoint: VpcEndpointItem::new(endpoint, cx), client_token })
    }
}
