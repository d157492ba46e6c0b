//! Internet gateways.

use std::sync::Arc;

use aws_sdk_ec2::types::TagSpecification;
use vpcrun_model::{AttachmentStatus, InternetGateway, InternetGatewayAttachment, VpcId};

use super::call::once;
use super::spec::InternetGatewaySpec;
use super::work::{Made, Work};
use crate::{Error, convert, describe};

/// The gateway is created beside its VPC; only the attachment waits for both.
pub(super) async fn ensure(
    work: Arc<Work<InternetGateway>>,
    spec: InternetGatewaySpec,
) -> Result<Made<InternetGateway>, Arc<Error>> {
    let tags = work.tags(&spec.tags)?;
    let mut changes = Vec::new();
    let mut gateway = match work.find(&work.look.internet_gateways)? {
        Some(gateway) => gateway,
        None => create(&work, tags.specification()).await?,
    };
    work.exists(&gateway);
    let id = gateway.internet_gateway_id;
    work.retag(id, &tags, &mut gateway.tags, &mut changes).await?;
    let vpc = work.need_existing(&spec.vpc).await?.vpc_id;
    let elsewhere = gateway.attachments.iter().find(|attachment| attachment.vpc_id != vpc && attachment.is_in_use());
    if let Some(elsewhere) = elsewhere {
        return Err(work.conflict("the VPC", elsewhere.vpc_id, vpc));
    }
    if !gateway.is_attached_to(vpc) {
        attach(&work, &gateway, vpc).await?;
        gateway.attachments = vec![InternetGatewayAttachment { state: AttachmentStatus::Available, vpc_id: vpc }];
        changes.push(format!("attached to {}", spec.vpc.name()));
    }
    Ok(Made { resource: gateway, changes, detail: format!("attached to {}", spec.vpc.name()) })
}

async fn create(work: &Work<InternetGateway>, tags: TagSpecification) -> Result<InternetGateway, Error> {
    let call = work.stack.session.client().create_internet_gateway().tag_specifications(tags);
    let send = || async {
        let answer = call.clone().customize().config_override(once()).send().await?;
        convert::one("CreateInternetGateway", answer.internet_gateway, convert::internet_gateway)
    };
    let again = || async { work.find(&describe::internet_gateways(&work.stack.session, work.mine()).await?) };
    let gateway = work.create(send, again).await?;
    work.created(gateway.internet_gateway_id);
    Ok(gateway)
}

async fn attach(work: &Work<InternetGateway>, gateway: &InternetGateway, vpc: VpcId) -> Result<(), Error> {
    let id = gateway.internet_gateway_id.to_string();
    let call = work.stack.session.client().attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc.to_string());
    match work.settle(|| call.clone().send()).await {
        // The reply to the first try was lost.
        Err(Error::Refused(refusal))
            if refusal.code == "Resource.AlreadyAssociated" && refusal.message.contains(&vpc.to_string()) =>
        {
            Ok(())
        }
        other => other.map(drop),
    }
}
