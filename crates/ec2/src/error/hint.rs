//! What to do about an error. EC2 says what is wrong and leaves this out.

use super::{Error, Refusal};
use crate::session::region;

/// The next step for `error`, if there is one that its text does not already give.
pub(super) fn hint(error: &Error) -> Option<String> {
    let text = match error {
        Error::Refused(refusal) => return refused(refusal),
        Error::NotPermitted { permission, principal, .. } => {
            let whom = principal.as_ref().map(|arn| format!(" for {arn}")).unwrap_or_default();
            return Some(format!("ask the account's administrator to allow {permission}{whom}"));
        }
        Error::NoCredentials => "set AWS_PROFILE, or run `aws configure`, or leave out --aws for the local world",
        Error::Credentials { profile: Some(profile), .. } => {
            return Some(format!(
                "see `aws configure list --profile {profile}`; for an SSO profile run `aws sso login --profile {profile}`"
            ));
        }
        Error::Credentials { profile: None, .. } => "see `aws configure list`; for an SSO profile run `aws sso login`",
        Error::CredentialsRefused(refusal) if refusal.is_expired() => {
            "they have expired: log in again (`aws sso login`, or fresh keys), and see that the clock is right"
        }
        Error::CredentialsRefused(_) => {
            "see which are used with `aws sts get-caller-identity`; a region must be enabled for the account"
        }
        Error::NoRegion => "give --region, or set AWS_REGION, or run `aws configure`",
        Error::EndpointUrl { .. } => "give it like http://127.0.0.1:5000",
        Error::Region { name } => {
            let guess = region::similar_to(name).map(|guess| format!("did you mean {guess}? "));
            return Some(format!("{}a region has a name like ap-northeast-1", guess.unwrap_or_default()));
        }
        Error::EndpointVariable { variable, url } => {
            return Some(format!("unset {variable}; or, to go there, use --endpoint-url {url} instead of --aws"));
        }
        Error::Connection { endpoint, .. } => return Some(unreachable(endpoint)),
        Error::Timeout { .. } => "the call may have been carried out all the same; run it again, it goes on from there",
        Error::PublicAddress { .. } => "say who is home yourself, for instance --set home=198.51.100.7/32",
        Error::Ambiguous { .. } => "delete all but one, or take the vpcrun tags off the others",
        Error::Deadline { .. } => "run it again: it goes on from there",
        Error::Conflict { hint, .. } | Error::KeyFile { hint, .. } => return hint.clone(),
        Error::Input(input) => return input.hint(),
        Error::Blocked(_) => "delete or move what is in the way, then destroy again",
        Error::Declaration { .. }
        | Error::Response { .. }
        | Error::Request { .. }
        | Error::Failed { .. }
        | Error::NotTried { .. }
        | Error::Stopped { .. } => {
            return None;
        }
    };
    Some(text.to_owned())
}

/// AWS is there: either there is no way to it, or the region is none, for then its host has no address.
fn unreachable(endpoint: &str) -> String {
    let Some(region) = region::of_endpoint(endpoint) else {
        return "see that the target runs and that its address is right".into();
    };
    if region::is_known(region) {
        return "see that this host has a way to the internet; a proxy is named by HTTPS_PROXY".into();
    }
    match region::similar_to(region) {
        Some(guess) => format!("vpcrun knows no region {region}: did you mean {guess}?"),
        None => format!("vpcrun knows no region {region}: see `aws account list-regions`"),
    }
}

fn refused(refusal: &Refusal) -> Option<String> {
    if refusal.is_throttled() {
        return Some("the account sends too many requests; wait a moment and run it again".into());
    }
    if refusal.code.ends_with("LimitExceeded") || refusal.code.starts_with("MaxIOPS") {
        return Some("delete what is no longer used, or ask for a higher quota (Service Quotas)".into());
    }
    let text = match refusal.code.as_str() {
        "InvalidAction" => "this target does not implement the action",
        "DependencyViolation" => "delete or detach first what still uses it",
        "InvalidIPAddress.InUse" => "the address is taken; choose another one, or see which network interface has it",
        "InsufficientInstanceCapacity" => "AWS has no room for this instance type there now; try another zone or type",
        "InsufficientFreeAddressesInSubnet" => "the subnet is full; use a larger or another one",
        "Unsupported" => "this zone does not offer the instance type; try another zone or type",
        "OptInRequired" | "PendingVerification" => "the account must be enabled for this first; see the AWS console",
        "DryRunOperation" => "a dry run ends here; without it the request would have succeeded",
        _ => return None,
    };
    Some(text.to_owned())
}
