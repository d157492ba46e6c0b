//! DescribeAccountAttributes.

use serde::{Deserialize, Serialize};

use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::vpc::default_vpc;
use crate::quota;
use crate::wire::Items;

/// DescribeAccountAttributes: all, or those named.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeAccountAttributes {
    #[serde(rename = "AttributeName", default)]
    attribute_names: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeAccountAttributesResponse {
    account_attribute_set: Items<AccountAttribute>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountAttribute {
    attribute_name: &'static str,
    attribute_value_set: Items<AccountAttributeValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountAttributeValue {
    attribute_value: String,
}

/// An attribute of the account: its name, and its one value.
type Attribute = (&'static str, fn(&Context<'_>) -> String);

const ATTRIBUTES: &[Attribute] = &[
    ("vpc-max-security-groups-per-interface", |_| "5".to_owned()),
    ("max-instances", |_| "20".to_owned()),
    ("supported-platforms", |_| "VPC".to_owned()),
    ("default-vpc", |cx| default_vpc(cx).map_or_else(|| "none".to_owned(), |vpc| vpc.id.to_string())),
    ("max-elastic-ips", |_| quota::ADDRESSES.default.to_string()),
    ("vpc-max-elastic-ips", |_| quota::ADDRESSES.default.to_string()),
];

impl Action for DescribeAccountAttributes {
    type Response = DescribeAccountAttributesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        for asked in &self.attribute_names {
            if !ATTRIBUTES.iter().any(|(name, _)| name == asked) {
                return Err(Refusal::invalid_parameter_value(format!("Invalid value '{asked}' for attributeName.")));
            }
        }
        let wanted =
            |name: &str| self.attribute_names.is_empty() || self.attribute_names.iter().any(|asked| asked == name);
        let item = |(name, value): &Attribute| AccountAttribute {
            attribute_name: name,
            attribute_value_set: vec![AccountAttributeValue { attribute_value: value(cx) }].into(),
        };
        let items = ATTRIBUTES.iter().filter(|(name, _)| wanted(name)).map(item);
        Ok(DescribeAccountAttributesResponse { account_attribute_set: items.collect() })
    }
}
