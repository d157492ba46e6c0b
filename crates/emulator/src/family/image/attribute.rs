//! DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute.

use serde::{Deserialize, Serialize};
use vpcrun_model::ImageId;

use super::permission::{LaunchPermission, PermissionItem, PermissionParameter};
use super::{Image, own};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance::OptionalText;
use crate::family::network_interface::AttributeText;
use crate::family::vpc::exactly_one_attribute;
use crate::wire::{Items, Reply};

/// DescribeImageAttribute: one attribute a call, of an image of the account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeImageAttribute {
    image_id: String,
    attribute: ImageAttribute,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ImageAttribute {
    Description,
    Kernel,
    Ramdisk,
    LaunchPermission,
    ProductCodes,
    BlockDeviceMapping,
    SriovNetSupport,
    BootMode,
    TpmSupport,
    UefiData,
    LastLaunchedTime,
    ImdsSupport,
    DeregistrationProtection,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeImageAttributeResponse {
    image_id: ImageId,
    #[serde(flatten)]
    value: ImageAttributeValue,
}

/// The value of the attribute that was asked for; the name of the variant is its member in the answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum ImageAttributeValue {
    Description(OptionalText),
    Kernel(OptionalText),
    Ramdisk(OptionalText),
    LaunchPermission(Items<PermissionItem>),
    ProductCodes(Items<()>),
    SriovNetSupport(OptionalText),
    BootMode(OptionalText),
    TpmSupport(OptionalText),
    UefiData(OptionalText),
    LastLaunchedTime(OptionalText),
    ImdsSupport(OptionalText),
    DeregistrationProtection(OptionalText),
}

impl Action for DescribeImageAttribute {
    type Response = DescribeImageAttributeResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        use ImageAttributeValue as Value;
        let image = own(cx, &self.image_id)?;
        let some = |text: Option<&str>| OptionalText::new(text.map(str::to_owned));
        let value = match self.attribute {
            ImageAttribute::Description => Value::Description(some(image.description.as_deref())),
            ImageAttribute::Kernel => Value::Kernel(some(None)),
            ImageAttribute::Ramdisk => Value::Ramdisk(some(None)),
            ImageAttribute::LaunchPermission => {
                Value::LaunchPermission(image.permissions.iter().map(PermissionItem::new).collect())
            }
            ImageAttribute::ProductCodes => Value::ProductCodes(Items::default()),
            ImageAttribute::BlockDeviceMapping => {
                let message = "Unauthorized attempt to access restricted resource".to_owned();
                return Err(Refusal::new("AuthFailure", message));
            }
            ImageAttribute::SriovNetSupport => {
                Value::SriovNetSupport(some(image.sriov_net_support.then_some("simple")))
            }
            ImageAttribute::BootMode => Value::BootMode(some(image.boot_mode())),
            ImageAttribute::TpmSupport => Value::TpmSupport(some(image.tpm_support())),
            ImageAttribute::UefiData => Value::UefiData(some(None)),
            ImageAttribute::LastLaunchedTime => Value::LastLaunchedTime(some(None)),
            ImageAttribute::ImdsSupport => Value::ImdsSupport(some(image.imds_support())),
            ImageAttribute::DeregistrationProtection => Value::DeregistrationProtection(some(Some("disabled"))),
        };
        Ok(DescribeImageAttributeResponse { image_id: image.id, value })
    }
}

/// ModifyImageAttribute: one attribute a call, by its own parameter or by `Attribute` and `Value`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyImageAttribute {
    image_id: String,
    attribute: Option<String>,
    value: Option<String>,
    operation_type: Option<OperationType>,
    description: Option<AttributeText>,
    imds_support: Option<AttributeText>,
    launch_permission: Option<PermissionChanges>,
    #[serde(rename = "UserId", default)]
    user_ids: Vec<String>,
    #[serde(rename = "UserGroup", default)]
    user_groups: Vec<String>,
    #[serde(rename = "OrganizationArn", default)]
    organization_arns: Vec<String>,
    #[serde(rename = "OrganizationalUnitArn", default)]
    organizational_unit_arns: Vec<String>,
    #[serde(rename = "ProductCode", default)]
    product_codes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OperationType {
    Add,
    Remove,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PermissionChanges {
    #[serde(default)]
    add: Vec<PermissionParameter>,
    #[serde(default)]
    remove: Vec<PermissionParameter>,
}

/// A change of one attribute.
enum Change {
    Description(String),
    ImdsSupport,
    Permissions { add: Vec<LaunchPermission>, remove: Vec<LaunchPermission> },
}

impl ModifyImageAttribute {
    fn change(&self) -> Result<Change, Refusal> {
        exactly_one_attribute(&[
            ("attribute", self.attribute.is_some()),
            ("description", self.description.is_some()),
            ("imdsSupport", self.imds_support.is_some()),
            ("launchPermission", self.launch_permission.is_some() || self.attribute.is_none() && self.names_somebody()),
            ("productCodes", !self.product_codes.is_empty()),
        ])?;
        if !self.product_codes.is_empty() {
            let message = "Product codes cannot be changed.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        if let Some(description) = &self.description {
            return Ok(Change::Description(description.value.clone()));
        }
        if let Some(support) = &self.imds_support {
            return imds_support(&support.value);
        }
        if let Some(changes) = &self.launch_permission {
            let read = |list: &[PermissionParameter]| -> Result<Vec<_>, Refusal> {
                list.iter().map(PermissionParameter::read).collect()
            };
            return Ok(Change::Permissions { add: read(&changes.add)?, remove: read(&changes.remove)? });
        }
        let value = || self.value.clone().ok_or_else(|| Refusal::missing_parameter("value"));
        match self.attribute.as_deref() {
            Some("description") => value().map(Change::Description),
            Some("imdsSupport") => imds_support(&value()?),
            Some("launchPermission") | None => self.listed(),
            Some(other) => Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for attribute."))),
        }
    }

    fn names_somebody(&self) -> bool {
        let lists = [&self.user_ids, &self.user_groups, &self.organization_arns, &self.organizational_unit_arns];
        lists.into_iter().any(|list| !list.is_empty())
    }

    /// Permissions by `OperationType` and lists.
    fn listed(&self) -> Result<Change, Refusal> {
        let operation = self.operation_type.ok_or_else(|| Refusal::missing_parameter("operationType"))?;
        if !self.names_somebody() {
            return Err(Refusal::missing_parameter("userId"));
        }
        let users = self.user_ids.iter().map(|id| LaunchPermission::user(id));
        let groups = self.user_groups.iter().map(|name| LaunchPermission::group(name));
        let organizations = self.organization_arns.iter().map(|arn| LaunchPermission::organization(arn, false));
        let units = self.organizational_unit_arns.iter().map(|arn| LaunchPermission::organization(arn, true));
        let all = users.chain(groups).chain(organizations).chain(units).collect::<Result<_, _>>()?;
        Ok(match operation {
            OperationType::Add => Change::Permissions { add: all, remove: Vec::new() },
            OperationType::Remove => Change::Permissions { add: Vec::new(), remove: all },
        })
    }
}

fn imds_support(value: &str) -> Result<Change, Refusal> {
    if value == "v2.0" {
        return Ok(Change::ImdsSupport);
    }
    Err(Refusal::invalid_parameter_value(format!("Invalid value '{value}' for imdsSupport.")))
}

impl Action for ModifyImageAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let change = self.change()?;
        let id = own(cx, &self.image_id)?.id;
        cx.region.update(id, |image: &mut Image| match change {
            Change::Description(text) => image.description = Some(text).filter(|text| !text.is_empty()),
            Change::ImdsSupport => image.imds_support = Some("v2.0".to_owned()),
            Change::Permissions { add, remove } => {
                image.permissions.extend(add);
                for permission in &remove {
                    image.permissions.remove(permission);
                }
            }
        });
        Ok(Reply::TRUE)
    }
}

/// ResetImageAttribute: takes back all launch permissions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ResetImageAttribute {
    image_id: String,
    #[serde(rename = "Attribute")]
    _attribute: ResettableAttribute,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ResettableAttribute {
    LaunchPermission,
}

impl Action for ResetImageAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = own(cx, &self.image_id)?.id;
        cx.region.update(id, |image: &mut Image| image.permissions.clear());
        Ok(Reply::TRUE)
    }
}
