//! Who may launch instances of an image.
//!
//! Source: LaunchPermission in the EC2 API Reference.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::error::Refusal;

/// Somebody who may.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum LaunchPermission {
    All,
    User(String),
    Organization(String),
    OrganizationalUnit(String),
}

/// A permission in a request: one of these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PermissionParameter {
    group: Option<String>,
    user_id: Option<String>,
    organization_arn: Option<String>,
    organizational_unit_arn: Option<String>,
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl LaunchPermission {
    /// # Errors
    /// `InvalidParameterValue` for any group but `all`.
    pub(super) fn group(name: &str) -> Result<Self, Refusal> {
        match name {
            "all" => Ok(Self::All),
            other => Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for userGroup."))),
        }
    }

    /// # Errors
    /// `InvalidAMIAttributeItemValue` for what is no account's id.
    pub(super) fn user(id: &str) -> Result<Self, Refusal> {
        if is_account(id) {
            return Ok(Self::User(id.to_owned()));
        }
        let message = format!("Invalid attribute item value \"{id}\" for userId item type.");
        Err(Refusal::new("InvalidAMIAttributeItemValue", message))
    }

    /// # Errors
    /// `InvalidParameterValue` for what is no ARN of an organization or a unit.
    pub(super) fn organization(arn: &str, is_unit: bool) -> Result<Self, Refusal> {
        let (kind, name) =
            if is_unit { (":ou/", "organizationalUnitArn") } else { (":organization/", "organizationArn") };
        if arn.starts_with("arn:aws:organizations::") && arn.contains(kind) {
            let arn = arn.to_owned();
            return Ok(if is_unit { Self::OrganizationalUnit(arn) } else { Self::Organization(arn) });
        }
        Err(Refusal::invalid_parameter_value(format!("Invalid value '{arn}' for {name}.")))
    }
}

impl PermissionParameter {
    /// # Errors
    /// None or several of its members, or a bad value.
    pub(super) fn read(&self) -> Result<LaunchPermission, Refusal> {
        let given = [
            self.group.as_deref().map(LaunchPermission::group),
            self.user_id.as_deref().map(LaunchPermission::user),
            self.organization_arn.as_deref().map(|arn| LaunchPermission::organization(arn, false)),
            self.organizational_unit_arn.as_deref().map(|arn| LaunchPermission::organization(arn, true)),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(permission), None) => permission,
            _ => Err(Refusal::invalid_parameter_combination(
                "A launch permission takes exactly one of: group, userId, organizationArn, organizationalUnitArn",
            )),
        }
    }
}

/// A permission in an answer.
#[skip_serializing_none]
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PermissionItem {
    group: Option<&'static str>,
    user_id: Option<String>,
    organization_arn: Option<String>,
    organizational_unit_arn: Option<String>,
}

impl PermissionItem {
    pub(super) fn new(permission: &LaunchPermission) -> Self {
        match permission.clone() {
            LaunchPermission::All => Self { group: Some("all"), ..Self::default() },
            LaunchPermission::User(id) => Self { user_id: Some(id), ..Self::default() },
            LaunchPermission::Organization(arn) => Self { organization_arn: Some(arn), ..Self::default() },
            LaunchPermission::OrganizationalUnit(arn) => Self { organizational_unit_arn: Some(arn), ..Self::default() },
        }
    }
}
