//! Network ACLs: the default one of each VPC, as DescribeNetworkAcls shows it.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use vpcrun_model::{NetworkAclAssociationId, NetworkAclId, ResourceId, SubnetId, VpcId};

use crate::action::{Context, Entry};
use crate::error::IdWording;
use crate::state::{Region, Resource, Tags, resource};

pub(crate) const ACTIONS: &[Entry] = &[];

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkAcl {
    id: NetworkAclId,
    vpc_id: VpcId,
    pub(crate) is_default: bool,
    entries: Vec<NetworkAclEntry>,
    associations: Vec<Association>,
    tags: Tags,
}

resource!(
    NetworkAcl as NetworkAcl,
    NetworkAclId,
    "network-acl",
    IdWording {
        noun: "networkAcl",
        not_found: "InvalidNetworkAclID.NotFound",
        malformed: "InvalidNetworkAclId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        let subnets = self.associations.iter().map(|association| association.subnet_id.into());
        std::iter::once(self.vpc_id.into()).chain(subnets).collect()
    },
    fn aliases(&self) -> Vec<String> {
        self.associations.iter().map(|association| association.id.to_string()).collect()
    }
);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NetworkAclEntry {
    rule_number: u16,
    egress: bool,
    protocol: String,
    allow: bool,
    cidr_block: Ipv4Net,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Association {
    id: NetworkAclAssociationId,
    subnet_id: SubnetId,
}

/// The rule that ends every ACL: what no other rule matched is denied.
const LAST_RULE: u16 = 32_767;

/// Makes the network ACL that comes with a VPC: everything is allowed, both ways.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc_id: VpcId) {
    let entry = |egress, rule_number, allow| NetworkAclEntry {
        rule_number,
        egress,
        protocol: "-1".to_owned(),
        allow,
        cidr_block: Ipv4Net::default(),
    };
    let entries = vec![
        entry(true, 100, true),
        entry(true, LAST_RULE, false),
        entry(false, 100, true),
        entry(false, LAST_RULE, false),
    ];
    let acl =
        NetworkAcl { id: cx.new_id(), vpc_id, is_default: true, entries, associations: Vec::new(), tags: Tags::new() };
    cx.region.put(acl);
}

/// Associates a new subnet with its VPC's default ACL, as EC2 does.
pub(crate) fn associate_default(cx: &mut Context<'_>, vpc_id: VpcId, subnet_id: SubnetId) {
    let default = cx.region.referrers::<NetworkAcl>(vpc_id).find(|acl| acl.is_default).map(Resource::id);
    let association = Association { id: cx.new_id(), subnet_id };
    if let Some(id) = default {
        cx.region.update(id, |acl: &mut NetworkAcl| acl.associations.push(association));
    }
}

/// Removes the association of a subnet that goes.
pub(crate) fn dissociate(region: &mut Region, subnet: SubnetId) {
    let acls: Vec<_> = region.referrers::<NetworkAcl>(subnet).map(|acl| acl.id).collect();
    for id in acls {
        region.update(id, |acl: &mut NetworkAcl| acl.associations.retain(|a| a.subnet_id != subnet));
    }
}
