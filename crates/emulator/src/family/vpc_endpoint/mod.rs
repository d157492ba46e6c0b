//! VPC endpoints: private ways from a VPC to AWS's services. A gateway endpoint is a route in tables, an interface endpoint is a
//! network interface in each of its subnets.
//!
//! The world holds no endpoint services of the account's own, so there is nothing behind a Gateway Load Balancer, a resource or
//! a service network to make an endpoint for.
//!
//! Sources: CreateVpcEndpoint, ModifyVpcEndpoint, DeleteVpcEndpoints, DescribeVpcEndpoints, DescribeVpcEndpointServices; the AWS
//! PrivateLink Guide; and answers quoted in public.

mod create;
mod delete;
mod describe;
mod dns;
mod modify;
mod placement;
mod policy;
mod service;
mod service_describe;

use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::family::network_interface::{managed_by, remove_managed};
use crate::family::route_table::{RouteTable, RouteTarget};
use crate::state::{Region, Resource, Tags, resource};

use create::CreateVpcEndpoint;
use delete::DeleteVpcEndpoints;
use describe::DescribeVpcEndpoints;
use modify::ModifyVpcEndpoint;
use service_describe::DescribeVpcEndpointServices;

actions![CreateVpcEndpoint, DeleteVpcEndpoints, DescribeVpcEndpointServices, DescribeVpcEndpoints, ModifyVpcEndpoint,];

/// A VPC endpoint. Its route tables are those with a route to it, its subnets those with an interface of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcEndpoint {
    id: VpcEndpointId,
    vpc_id: VpcId,
    service_name: String,
    state: EndpointState,
    due: Option<Timestamp>,
    creation_time: Timestamp,
    policy_document: String,
    kind: EndpointKind,
    tags: Tags,
}

resource!(
    VpcEndpoint as VpcEndpoint,
    VpcEndpointId,
    "vpc-endpoint",
    IdWording {
        noun: "Vpc Endpoint",
        not_found: "InvalidVpcEndpointId.NotFound",
        malformed: "InvalidVpcEndpointId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        let groups = self.interface().into_iter().flat_map(|interface| &interface.groups);
        std::iter::once(self.vpc_id.into()).chain(groups.copied().map(Into::into)).collect()
    },
    fn due(&self) -> Option<Timestamp> {
        self.due
    },
    fn advance(cx: &mut Context<'_>, id: VpcEndpointId, _at: Timestamp) {
        advance(cx, id);
    }
);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum EndpointState {
    Pending,
    Available,
    Deleting,
}

impl EndpointState {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Deleting => "deleting",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum EndpointKind {
    Gateway,
    Interface(InterfaceEndpoint),
}

/// What an interface endpoint has more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct InterfaceEndpoint {
    groups: Vec<SecurityGroupId>,
    private_dns_enabled: bool,
    dns_record_ip_type: DnsRecordIpType,
    /// Whether the private names are for resolvers outside the VPC alone: services that have gateway endpoints too know it.
    private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    /// What tells the endpoint's own DNS names from others': eight characters.
    dns_suffix: String,
    /// The private hosted zone with the service's names.
    hosted_zone_id: String,
}

/// Which records the endpoint's names have. Interfaces have IPv4 addresses alone here.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DnsRecordIpType {
    Ipv4,
    Dualstack,
    Ipv6,
    ServiceDefined,
}

impl VpcEndpoint {
    fn interface(&self) -> Option<&InterfaceEndpoint> {
        match &self.kind {
            EndpointKind::Gateway => None,
            EndpointKind::Interface(interface) => Some(interface),
        }
    }

    fn type_name(&self) -> &'static str {
        match self.kind {
            EndpointKind::Gateway => "Gateway",
            EndpointKind::Interface(_) => "Interface",
        }
    }

    /// Whether it is there to be used or changed, rather than on its way out.
    fn is_alive(&self) -> bool {
        self.state != EndpointState::Deleting
    }

    /// The tables that have a route to this gateway endpoint.
    fn route_tables(&self, region: &Region) -> Vec<RouteTableId> {
        let target = RouteTarget::VpcEndpoint(self.id);
        let tables = region.referrers::<RouteTable>(self.vpc_id);
        tables.filter(|table| table.leads_to(target)).map(Resource::id).collect()
    }

    /// The subnets that this interface endpoint has an interface in, in the order in which they came.
    fn subnets(&self, region: &Region) -> Vec<SubnetId> {
        let mut interfaces: Vec<_> = managed_by(region, self.id).collect();
        interfaces.sort_by_key(|interface| interface.managed.as_ref().map(|managed| managed.attach_time));
        interfaces.into_iter().map(|interface| interface.subnet_id).collect()
    }
}

/// The endpoint of this id. Endpoints' actions word malformed ids in their own way.
///
/// # Errors
/// `InvalidVpcEndpointId.Malformed`, `InvalidVpcEndpointId.NotFound`.
fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c VpcEndpoint, Refusal> {
    let parsed: VpcEndpointId =
        id.parse().map_err(|_| malformed("InvalidVpcEndpointId.Malformed", "Vpc Endpoint Id", id, "vpce"))?;
    cx.region.get(parsed).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Refusal {
    Refusal::new("InvalidVpcEndpointId.NotFound", format!("The Vpc Endpoint Id '{id}' does not exist"))
}

/// How endpoints' actions word a malformed id.
fn malformed(code: &'static str, noun: &str, id: &str, prefix: &str) -> Refusal {
    let message = format!(
        "Invalid {noun}: '{id}' (expecting '{prefix}-...; the Id may only contain lowercase alphanumeric characters and a \
         single dash')"
    );
    Refusal::new(code, message)
}

fn invalid_parameter(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameter", message.into())
}

/// Carries out the change that was due. A gateway endpoint's routes went when its deletion began.
fn advance(cx: &mut Context<'_>, id: VpcEndpointId) {
    let Some(endpoint) = cx.region.get::<VpcEndpoint>(id) else { return };
    if endpoint.is_alive() {
        cx.region.update(id, |endpoint: &mut VpcEndpoint| {
            endpoint.state = EndpointState::Available;
            endpoint.due = None;
        });
        return;
    }
    remove_managed(&mut cx.region, id);
    cx.region.remove(id);
}
