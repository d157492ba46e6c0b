//! DHCP options.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::Tag;
use super::tag::resource;
use crate::id::DhcpOptionsId;

/// A set of DHCP options, which VPCs hand to their instances.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DhcpOptions {
    /// The set's id.
    pub dhcp_options_id: DhcpOptionsId,
    /// The account that owns it.
    pub owner_id: Option<String>,
    /// The options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dhcp_configurations: Vec<DhcpConfiguration>,
    /// The set's tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

resource!(DhcpOptions, dhcp_options_id);

/// One option, such as `domain-name-servers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DhcpConfiguration {
    /// The option's name.
    pub key: String,
    /// Its values.
    #[serde(default)]
    pub values: Vec<AttributeValue>,
}

/// A value in the wrapping that AWS gives it here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeValue {
    /// The value, such as `AmazonProvidedDNS`.
    #[serde(default)]
    pub value: String,
}
