//! Requester-managed network interfaces: a service (NAT gateways, VPC endpoints) makes them for its resource, attaches them to
//! it and removes them with it. The account sees them, and its subnets and groups stay while they are there; it cannot
//! detach, delete or change them.
//!
//! Source: "Requester-managed network interfaces" in the EC2 User Guide, and DescribeNetworkInterfaces answers quoted in public.

use serde::{Deserialize, Serialize};
use vpcrun_model::{ManagedAttachmentId, ResourceId, SecurityGroupId, SubnetId};

use super::{AddressRequest, NetworkInterface, New, Wording, create};
use crate::action::Context;
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::state::{Region, Tags};

/// The hold of a service on an interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Managed {
    /// The resource that the interface serves: a NAT gateway or a VPC endpoint.
    pub(crate) owner: ResourceId,
    pub(crate) attachment_id: ManagedAttachmentId,
    pub(crate) attach_time: Timestamp,
}

impl Managed {
    /// The interface's type in answers.
    pub(super) fn interface_type(&self) -> &'static str {
        match self.owner {
            ResourceId::NatGateway(_) => "nat_gateway",
            ResourceId::VpcEndpoint(_) => "vpc_endpoint",
            _ => "interface",
        }
    }

    fn description(owner: ResourceId) -> String {
        match owner {
            ResourceId::NatGateway(id) => format!("Interface for NAT Gateway {id}"),
            ResourceId::VpcEndpoint(id) => format!("VPC Endpoint Interface {id}"),
            other => format!("Interface for {other}"),
        }
    }

    /// The account of the service that asked for the interface.
    pub(super) fn requester_id(&self) -> &'static str {
        match self.owner {
            ResourceId::VpcEndpoint(_) => "727180483921",
            _ => "036872051663",
        }
    }
}

/// Makes the interface that a service puts into a subnet for `owner`, and attaches it: status `in-use`, with the description,
/// type and requester that AWS shows. Only a NAT gateway's forwards what is not its own (no source/destination check).
///
/// The interface refers to `owner`: [`managed_by`] finds it, [`remove_managed`] takes it away.
/// An Elastic IP address goes on it as on any interface (`PrivateAddress::public`).
///
/// # Errors
/// An unknown subnet, an address that the subnet does not have to give (worded as CreateNetworkInterface words it), or a subnet
/// that is full.
pub(crate) fn create_managed(
    cx: &mut Context<'_>,
    owner: impl Into<ResourceId>,
    subnet_id: SubnetId,
    groups: Vec<SecurityGroupId>,
    addresses: AddressRequest,
) -> Result<NetworkInterface, Refusal> {
    let owner = owner.into();
    let new = New {
        subnet_id,
        groups,
        description: Managed::description(owner),
        addresses,
        associate_public_ip_address: false,
        tags: Tags::new(),
    };
    let mut interface = create(cx, new, Wording::Create)?;
    interface.created_by_caller = false;
    interface.source_dest_check = !matches!(owner, ResourceId::NatGateway(_));
    interface.managed = Some(Managed { owner, attachment_id: cx.new_id(), attach_time: cx.now });
    cx.region.put(interface.clone());
    Ok(interface)
}

/// The interfaces that serve a NAT gateway or a VPC endpoint.
pub(crate) fn managed_by(region: &Region, owner: impl Into<ResourceId>) -> impl Iterator<Item = &NetworkInterface> {
    region.referrers::<NetworkInterface>(owner)
}

/// Removes the interfaces that serve `owner`, which goes. Elastic IP addresses on them become free.
pub(crate) fn remove_managed(region: &mut Region, owner: impl Into<ResourceId>) {
    let interfaces: Vec<_> = managed_by(region, owner).map(|interface| interface.id).collect();
    for id in interfaces {
        region.remove(id);
    }
}

/// # Errors
/// `AuthFailure` where a service manages the interface: the account may look at it, not change it.
pub(crate) fn check_unmanaged(interface: &NetworkInterface) -> Result<(), Refusal> {
    match interface.managed {
        None => Ok(()),
        Some(_) => {
            Err(Refusal::new("AuthFailure", "You do not have permission to access the specified resource.".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use vpcrun_model::{Id, NatGatewayId, VpcEndpointId};

    use super::*;
    use crate::family::subnet::Subnet;
    use crate::family::vpc::create_default_vpc;
    use crate::state::State;
    use crate::world::Options;

    #[test]
    fn a_service_makes_attaches_and_removes_its_interfaces() {
        let (mut state, options) = (State::default(), Options::default());
        let mut cx = Context {
            region: Region::default(),
            region_name: "ap-northeast-1",
            action: "",
            state: &mut state,
            now: Timestamp::from_millisecond(0),
            options: &options,
            fingerprint: String::new(),
            request_id: "",
        };
        create_default_vpc(&mut cx);
        let subnet = cx.region.all::<Subnet>().next().expect("a subnet").id;
        let (nat, endpoint) = (NatGatewayId::from_bits(1), VpcEndpointId::from_bits(2));
        let any = AddressRequest::default;
        let of_nat = create_managed(&mut cx, nat, subnet, Vec::new(), any()).expect("an interface");
        let of_endpoint = create_managed(&mut cx, endpoint, subnet, Vec::new(), any()).expect("an interface");
        assert_eq!(of_nat.description, "Interface for NAT Gateway nat-00000000000000001");
        assert_eq!(of_endpoint.description, "VPC Endpoint Interface vpce-00000000000000002");
        assert_eq!((of_nat.interface_type(), of_endpoint.interface_type()), ("nat_gateway", "vpc_endpoint"));
        assert_eq!((of_nat.status(), of_nat.source_dest_check, of_endpoint.source_dest_check), ("in-use", false, true));
        assert_eq!(check_unmanaged(&of_nat).expect_err("refused").code, "AuthFailure");

        remove_managed(&mut cx.region, nat);
        assert!(cx.region.get::<NetworkInterface>(of_nat.id).is_none());
        let left: Vec<_> = managed_by(&cx.region, endpoint).map(|interface| interface.id).collect();
        assert_eq!(left, [of_endpoint.id]);
    }
}
