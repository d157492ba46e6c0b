//! ClientToken where EC2 words mistakes of its own (CreateNetworkAcl, CreateRouteTable), or makes a token where none is given.
//!
//! Source: answers recorded on AWS (network_acl_idempotency, network_creation_token_length).

use vpcrun_model::ResourceId;

use crate::action::Context;
use crate::error::Refusal;
use crate::state::Resource;

const MAX_LENGTH: usize = 64;

/// The token, if it means anything: recorded on AWS, one of spaces only is as good as none, whatever its length.
///
/// # Errors
/// `InvalidParameterValue` for one that is empty or too long.
pub(crate) fn checked_token(token: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(token) = token else { return Ok(None) };
    if !token.is_empty() && token.trim().is_empty() {
        return Ok(None);
    }
    if token.is_empty() {
        return Err(invalid(&token));
    }
    check_length(Some(&token))?;
    Ok(Some(token))
}

/// # Errors
/// `InvalidParameterValue` for a token that is too long, where EC2 documents the limit.
pub(crate) fn check_length(token: Option<&str>) -> Result<(), Refusal> {
    match token.filter(|token| token.chars().count() > MAX_LENGTH) {
        Some(token) => Err(invalid(token)),
        None => Ok(()),
    }
}

fn invalid(token: &str) -> Refusal {
    Refusal::invalid_parameter_value(format!("Value ({token}) for parameter clientToken is invalid"))
}

/// The token of a request that came without one: a version 4 UUID, the same for the same seed and calls.
pub(crate) fn generated_token(cx: &mut Context<'_>) -> String {
    let account = &mut cx.state.account;
    let (a, b) = (account.next_random(), account.next_random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | ((b >> 48) & 0x3fff),
        b & 0xffff_ffff_ffff
    )
}

/// The resource that an earlier request of the action with this token made.
///
/// # Errors
/// `IdempotentParameterMismatch` where that request was another one, or its resource is gone.
pub(crate) fn made_before<'c, R: Resource>(
    cx: &'c Context<'_>,
    action: &str,
    token: Option<&str>,
) -> Result<Option<&'c R>, Refusal> {
    living(cx, cx.created_before(action, token)?)
}

/// [`made_before`], for the actions that name the token where the request was another one.
///
/// # Errors
/// As of [`made_before`].
pub(crate) fn made_before_by_token<'c, R: Resource>(
    cx: &'c Context<'_>,
    action: &str,
    token: Option<&str>,
) -> Result<Option<&'c R>, Refusal> {
    let made = cx.created_before(action, token).map_err(|mismatch| {
        let message = format!("Wrong arguments for request with token {}", token.unwrap_or_default());
        Refusal { message, ..mismatch }
    })?;
    living(cx, made)
}

fn living<'c, R: Resource>(cx: &'c Context<'_>, made: Option<Vec<ResourceId>>) -> Result<Option<&'c R>, Refusal> {
    let Some(made) = made else { return Ok(None) };
    let resource = made.into_iter().find_map(|id| cx.region.get::<R>(id.try_into().ok()?));
    resource.map(Some).ok_or_else(Refusal::created_and_deleted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_checked_as_recorded_on_aws() {
        let checked = |token: &str| checked_token(Some(token.to_owned()));
        assert_eq!(checked("abc"), Ok(Some("abc".to_owned())));
        assert_eq!(checked(&" ".repeat(65)), Ok(None));
        assert_eq!(checked(&"a".repeat(64)), Ok(Some("a".repeat(64))));
        for token in ["", &"a".repeat(65), &format!(" {} ", "u".repeat(63))] {
            let refusal = checked(token).expect_err("refused");
            assert_eq!(refusal.message, format!("Value ({token}) for parameter clientToken is invalid"));
        }
    }
}
