//! The snapshot itself.

use std::collections::BTreeMap;

use crate::id::{
    AllocationId, DhcpOptionsId, ImageId, InstanceId, InternetGatewayId, KeyPairId, NetworkAclId, NetworkInterfaceId,
    ResourceId, RouteTableId, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcId,
};
use crate::resource::{
    Address, AvailabilityZone, DhcpOptions, Image, Instance, InternetGateway, KeyPairInfo, NetworkAcl,
    NetworkInterface, Resource, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc,
};

/// The resources of one region at one moment, by id.
///
/// It may be incomplete: what was not captured or not in the files is not there, so lookups return options. Nothing is
/// checked beyond each resource's own form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The region's name, such as `ap-northeast-1`.
    pub region: String,
    /// The account, when it is known: 12 digits.
    pub account_id: Option<String>,
    /// VPCs.
    pub vpcs: BTreeMap<VpcId, Vpc>,
    /// Subnets.
    pub subnets: BTreeMap<SubnetId, Subnet>,
    /// Internet gateways, attached or not.
    pub internet_gateways: BTreeMap<InternetGatewayId, InternetGateway>,
    /// Route tables.
    pub route_tables: BTreeMap<RouteTableId, RouteTable>,
    /// Security groups, with their rules as permissions.
    pub security_groups: BTreeMap<SecurityGroupId, SecurityGroup>,
    /// The rules of the security groups, with ids and tags.
    pub security_group_rules: BTreeMap<SecurityGroupRuleId, SecurityGroupRule>,
    /// Network ACLs.
    pub network_acls: BTreeMap<NetworkAclId, NetworkAcl>,
    /// Network interfaces.
    pub network_interfaces: BTreeMap<NetworkInterfaceId, NetworkInterface>,
    /// Instances, also those terminated a short while ago.
    pub instances: BTreeMap<InstanceId, Instance>,
    /// Elastic IP addresses.
    pub addresses: BTreeMap<AllocationId, Address>,
    /// Key pairs.
    pub key_pairs: BTreeMap<KeyPairId, KeyPairInfo>,
    /// DHCP options.
    pub dhcp_options: BTreeMap<DhcpOptionsId, DhcpOptions>,
    /// Images that were looked at; never all that there are.
    pub images: BTreeMap<ImageId, Image>,
    /// Availability Zones, by name.
    pub availability_zones: BTreeMap<String, AvailabilityZone>,
}

impl Network {
    /// A region without resources.
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self { region: region.into(), ..Self::default() }
    }

    /// Every resource that has tags, kind by kind, each kind in order of id.
    pub fn resources(&self) -> impl Iterator<Item = &dyn Resource> {
        fn all<K, R: Resource>(map: &BTreeMap<K, R>) -> impl Iterator<Item = &dyn Resource> {
            map.values().map(|resource| resource as &dyn Resource)
        }
        all(&self.vpcs)
            .chain(all(&self.subnets))
            .chain(all(&self.internet_gateways))
            .chain(all(&self.route_tables))
            .chain(all(&self.security_groups))
            .chain(all(&self.security_group_rules))
            .chain(all(&self.network_acls))
            .chain(all(&self.network_interfaces))
            .chain(all(&self.instances))
            .chain(all(&self.addresses))
            .chain(all(&self.key_pairs))
            .chain(all(&self.dhcp_options))
            .chain(all(&self.images))
    }

    /// The resource with this id; `None` when it is not here or has no tags of its own.
    #[must_use]
    pub fn resource(&self, id: ResourceId) -> Option<&dyn Resource> {
        fn found<R: Resource>(resource: Option<&R>) -> Option<&dyn Resource> {
            resource.map(|resource| resource as &dyn Resource)
        }
        match id {
            ResourceId::Vpc(id) => found(self.vpcs.get(&id)),
            ResourceId::Subnet(id) => found(self.subnets.get(&id)),
            ResourceId::InternetGateway(id) => found(self.internet_gateways.get(&id)),
            ResourceId::RouteTable(id) => found(self.route_tables.get(&id)),
            ResourceId::SecurityGroup(id) => found(self.security_groups.get(&id)),
            ResourceId::SecurityGroupRule(id) => found(self.security_group_rules.get(&id)),
            ResourceId::NetworkAcl(id) => found(self.network_acls.get(&id)),
            ResourceId::NetworkInterface(id) => found(self.network_interfaces.get(&id)),
            ResourceId::Instance(id) => found(self.instances.get(&id)),
            ResourceId::Allocation(id) => found(self.addresses.get(&id)),
            ResourceId::KeyPair(id) => found(self.key_pairs.get(&id)),
            ResourceId::DhcpOptions(id) => found(self.dhcp_options.get(&id)),
            ResourceId::Image(id) => found(self.images.get(&id)),
            _ => None,
        }
    }
}
