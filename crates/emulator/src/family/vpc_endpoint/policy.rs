//! Endpoint policies: what may be done through an endpoint.
//!
//! Sources: "Control access to VPC endpoints using endpoint policies" in the AWS PrivateLink Guide; the refusal of a broken one
//! is quoted in hashicorp/terraform-provider-aws#42291.

use serde_json::Value;

use super::invalid_parameter;
use super::service::Service;
use crate::error::Refusal;

/// What a gateway endpoint without a policy of its own shows: all is allowed.
pub(super) const GATEWAY_DEFAULT: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The same of an interface endpoint.
pub(super) const INTERFACE_DEFAULT: &str = "{\n  \"Statement\": [\n    {\n      \"Action\": \"*\", \n      \"Effect\": \
     \"Allow\", \n      \"Principal\": \"*\", \n      \"Resource\": \"*\"\n    }\n  ]\n}";

/// The characters that a policy may have. This quota is never raised. Source: "AWS PrivateLink quotas".
const MAX_LENGTH: usize = 20_480;

/// # Errors
/// `InvalidParameter` for a service that lets all pass.
pub(super) fn check_supported(service: &Service, region: &str) -> Result<(), Refusal> {
    if service.policy_supported {
        return Ok(());
    }
    let name = service.name(region);
    Err(invalid_parameter(format!("The VPC endpoint service {name} does not support endpoint policies.")))
}

/// # Errors
/// `InvalidPolicyDocument` for a text that is no JSON, or no policy.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    let invalid = |message: String| Refusal::new("InvalidPolicyDocument", message);
    if text.chars().count() > MAX_LENGTH {
        return Err(invalid(format!("The Policy Document exceeds the maximum size of {MAX_LENGTH} characters.")));
    }
    let document: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        invalid(format!("The Policy Document is not valid. Syntax error at position ({line},{column})"))
    })?;
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        statement @ Value::Object(_) => std::slice::from_ref(statement),
        _ => &[],
    };
    if statements.is_empty() || !statements.iter().all(is_statement) {
        return Err(invalid("The Policy Document is not valid.".to_owned()));
    }
    Ok(())
}

fn is_statement(statement: &Value) -> bool {
    let effect = statement["Effect"].as_str();
    let has = |name: &str| statement.get(name).is_some_and(|value| !value.is_null());
    matches!(effect, Some("Allow" | "Deny")) && (has("Action") || has("NotAction"))
}
