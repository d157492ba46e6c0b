//! CreateNetworkAcl, DeleteNetworkAcl and ReplaceNetworkAclAssociation.

use serde::{Deserialize, Serialize};
use vpcrun_model::NetworkAclAssociationId;

use super::describe::NetworkAclItem;
use super::{NetworkAcl, NetworkAclAssociation, default_of};
use crate::action::{Action, Context};
use crate::client_token::{checked_token, generated_token, made_before_by_token};
use crate::error::Refusal;
use crate::family::subnet::Subnet;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::Vpc;
use crate::quota;
use crate::state::Resource;
use crate::wire::Reply;

/// CreateNetworkAcl: an ACL that denies everything, associated with nothing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateNetworkAcl {
    vpc_id: String,
    client_token: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateNetworkAclResponse {
    network_acl: NetworkAclItem,
    client_token: String,
}

const NAME: &str = "CreateNetworkAcl";

impl Action for CreateNetworkAcl {
    type Response = CreateNetworkAclResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let token = checked_token(self.client_token)?;
        let tags = specified_tags(&self.tag_specifications, &["network-acl"], "network-acl")?;
        let client_token = token.clone().unwrap_or_else(|| generated_token(cx));
        if let Some(acl) = made_before_by_token::<NetworkAcl>(cx, NAME, token.as_deref())? {
            // Recorded on AWS: the entries of now, but the tags of then.
            let acl = NetworkAcl { tags, ..acl.clone() };
            return Ok(CreateNetworkAclResponse { network_acl: NetworkAclItem::created(&acl, cx), client_token });
        }
        let vpc_id = cx.find::<Vpc>(&self.vpc_id)?.id();
        cx.check_quota(&quota::NETWORK_ACLS, |region| region.referrers::<NetworkAcl>(vpc_id).count() + 1)?;
        let mut acl = NetworkAcl::new(cx.new_id(), vpc_id, tags);
        if default_of(&cx.region, vpc_id).is_some_and(NetworkAcl::has_ipv6) {
            acl.add_ipv6();
        }
        cx.region.put(acl.clone());
        cx.remember(NAME, token.as_deref(), vec![acl.id.into()]);
        Ok(CreateNetworkAclResponse { network_acl: NetworkAclItem::created(&acl, cx), client_token })
    }
}

/// DeleteNetworkAcl: refused for the default one, and while a subnet has it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteNetworkAcl {
    network_acl_id: String,
}

impl Action for DeleteNetworkAcl {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let acl = cx.find::<NetworkAcl>(&self.network_acl_id)?;
        if acl.is_default {
            let message = format!("cannot delete default network ACL {}", acl.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        if acl.associations(&cx.region).next().is_some() {
            return Err(Refusal::dependency(NetworkAcl::WORDING.noun, acl.id));
        }
        let id = acl.id;
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}

/// ReplaceNetworkAclAssociation: a subnet always has exactly one ACL.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ReplaceNetworkAclAssociation {
    association_id: String,
    network_acl_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplaceNetworkAclAssociationResponse {
    new_association_id: NetworkAclAssociationId,
}

impl Action for ReplaceNetworkAclAssociation {
    type Response = ReplaceNetworkAclAssociationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let id = &self.association_id;
        let unknown = || {
            let message = format!("The association ID '{id}' does not exist");
            Refusal::new("InvalidAssociationID.NotFound", message)
        };
        id.parse::<NetworkAclAssociationId>().map_err(|_| unknown())?;
        let subnet = cx.region.by_alias::<Subnet>(id).ok_or_else(unknown)?;
        let (subnet_id, vpc_id) = (subnet.id, subnet.vpc_id);
        let new = cx.find::<NetworkAcl>(&self.network_acl_id)?;
        if new.vpc_id != vpc_id {
            let message = format!("network ACL {} and subnet {subnet_id} belong to different networks", new.id);
            return Err(Refusal::invalid_parameter_value(message));
        }
        let network_acl_id = new.id;
        let id = cx.new_id();
        let association = NetworkAclAssociation { id, network_acl_id };
        cx.region.update(subnet_id, |subnet: &mut Subnet| subnet.network_acl = Some(association));
        Ok(ReplaceNetworkAclAssociationResponse { new_association_id: id })
    }
}
