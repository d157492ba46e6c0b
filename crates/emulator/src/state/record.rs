//! The kinds of resources, and what the state needs to know of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vpcrun_model::{Id, ResourceId};

use crate::action::Context;
use crate::clock::Timestamp;
use crate::error::IdWording;
use crate::family;

/// A resource's tags.
pub(crate) type Tags = BTreeMap<String, String>;

/// A kind of resource that the state holds.
pub(crate) trait Resource: Clone + 'static {
    type Id: Id;
    /// How EC2 words unknown and malformed ids of this kind.
    const WORDING: IdWording;
    /// The resource type in TagSpecifications and DescribeTags, such as `internet-gateway`.
    const TAG_TYPE: &'static str;

    fn id(&self) -> Self::Id;
    fn tags(&self) -> &Tags;
    fn tags_mut(&mut self) -> &mut Tags;

    /// What this resource refers to. Whoever deletes one of these can ask who stands in the way.
    fn references(&self) -> Vec<ResourceId> {
        Vec::new()
    }

    /// Filters by the id of something that every resource of the kind refers to.
    fn indexed_filters() -> &'static [&'static str] {
        &[]
    }

    /// Other names under which the resource is found, unique in its region.
    fn aliases(&self) -> Vec<String> {
        Vec::new()
    }

    /// When the resource changes by itself.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    /// Carries out what was due at `at`, so that [`Resource::due`] changes.
    fn advance(_cx: &mut Context<'_>, _id: Self::Id, _at: Timestamp) {}

    fn into_record(self) -> Record;
    fn from_record(record: &Record) -> Option<&Self>;
}

/// Implements what is the same for every [`Resource`].
macro_rules! resource {
    ($type:ident as $variant:ident, $id:ty, $tag_type:literal, $wording:expr $(, $more:item)*) => {
        impl crate::state::Resource for $type {
            type Id = $id;
            const WORDING: crate::error::IdWording = $wording;
            const TAG_TYPE: &'static str = $tag_type;

            fn id(&self) -> $id {
                self.id
            }

            fn tags(&self) -> &crate::state::Tags {
                &self.tags
            }

            fn tags_mut(&mut self) -> &mut crate::state::Tags {
                &mut self.tags
            }

            fn into_record(self) -> crate::state::Record {
                crate::state::Record::$variant(self)
            }

            fn from_record(record: &crate::state::Record) -> Option<&Self> {
                match record {
                    crate::state::Record::$variant(resource) => Some(resource),
                    _ => None,
                }
            }

            $($more)*
        }
    };
}
pub(crate) use resource;

macro_rules! records {
    ($($kind:ident: $type:ty,)+) => {
        /// A resource of any kind.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(crate) enum Record {
            $($kind($type),)+
        }

        impl Record {
            pub(crate) fn id(&self) -> ResourceId {
                match self { $(Self::$kind(resource) => resource.id().into(),)+ }
            }

            pub(crate) fn tags(&self) -> &Tags {
                match self { $(Self::$kind(resource) => resource.tags(),)+ }
            }

            pub(crate) fn tags_mut(&mut self) -> &mut Tags {
                match self { $(Self::$kind(resource) => resource.tags_mut(),)+ }
            }

            pub(crate) fn references(&self) -> Vec<ResourceId> {
                match self { $(Self::$kind(resource) => resource.references(),)+ }
            }

            pub(crate) fn aliases(&self) -> Vec<String> {
                match self { $(Self::$kind(resource) => resource.aliases(),)+ }
            }

            pub(crate) fn due(&self) -> Option<Timestamp> {
                match self { $(Self::$kind(resource) => resource.due(),)+ }
            }

            /// The resource type in TagSpecifications and DescribeTags.
            pub(crate) fn tag_type(&self) -> &'static str {
                match self { $(Self::$kind(_) => <$type as Resource>::TAG_TYPE,)+ }
            }
        }

        /// Carries out a resource's own change, which was due at `at`.
        pub(crate) fn advance(cx: &mut Context<'_>, id: ResourceId, at: Timestamp) {
            match id {
                $(ResourceId::$kind(id) => <$type as Resource>::advance(cx, id, at),)+
                _ => {}
            }
        }

        /// How EC2 words that an id of this kind is unknown, for kinds that the emulator holds.
        pub(crate) fn wording(id: ResourceId) -> Option<&'static IdWording> {
            match id {
                $(ResourceId::$kind(_) => Some(&<$type as Resource>::WORDING),)+
                _ => None,
            }
        }
    };
}

records! {
    Vpc: family::vpc::Vpc,
    Subnet: family::subnet::Subnet,
    SubnetCidrReservation: family::subnet::SubnetCidrReservation,
    EgressOnlyInternetGateway: family::egress_only_internet_gateway::EgressOnlyInternetGateway,
    InternetGateway: family::internet_gateway::InternetGateway,
    RouteTable: family::route_table::RouteTable,
    SecurityGroup: family::security_group::SecurityGroup,
    SecurityGroupRule: family::security_group::SecurityGroupRule,
    NetworkAcl: family::network_acl::NetworkAcl,
    NetworkInterface: family::network_interface::NetworkInterface,
    Instance: family::instance::Instance,
    Allocation: family::address::Address,
    DhcpOptions: family::dhcp_options::DhcpOptions,
    KeyPair: family::key_pair::KeyPair,
    PrefixList: family::prefix_list::PrefixList,
    VpcEndpoint: family::vpc_endpoint::VpcEndpoint,
    FlowLog: family::flow_log::FlowLog,
    NatGateway: family::nat_gateway::NatGateway,
    CarrierGateway: family::carrier_gateway::CarrierGateway,
    CustomerGateway: family::customer_gateway::CustomerGateway,
    VpnGateway: family::vpn_gateway::VpnGateway,
    VpcPeeringConnection: family::vpc_peering_connection::VpcPeeringConnection,
    Image: family::image::Image,
    LaunchTemplate: family::launch_template::LaunchTemplate,
    PlacementGroup: family::placement_group::PlacementGroup,
    Volume: family::volume::Volume,
}
