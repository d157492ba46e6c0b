//! `GetCallerIdentity` of STS. The aws CLI, Terraform and Ansible ask who they are before they ask EC2 anything; with one
//! endpoint for both services they ask here. Nothing else of STS is answered.

use quick_xml::escape::partial_escape;

use super::reply::Reply;
use crate::error::Refusal;
use crate::world;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers a request of STS: the caller is the account's root user.
pub(super) fn answer(action: &str, account: &str) -> Reply {
    if action != "GetCallerIdentity" {
        let message = format!("Could not find operation {action} for version 2011-06-15");
        return refusal(&Refusal::new("InvalidAction", message));
    }
    let request_id = world::request_id();
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
    Reply::xml(200, request_id, body)
}

/// A refusal in STS's form.
pub(super) fn refusal(refusal: &Refusal) -> Reply {
    let request_id = world::request_id();
    let (code, message) = (&refusal.code, partial_escape(refusal.message.as_str()));
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>"
    );
    Reply::xml(refusal.status, request_id, body)
}
