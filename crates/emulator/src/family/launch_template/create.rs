//! CreateLaunchTemplate, CreateLaunchTemplateVersion.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::{TemplateItem, VersionItem};
use super::overlay::{items, list, overlay};
use super::{LaunchTemplate, Version, alias, find};
use crate::action::{Action, Context};
use crate::client_token::made_before;
use crate::error::Refusal;
use crate::family::image;
use crate::family::instance::LaunchParameters;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::wire::Tree;

const MAX_DESCRIPTION_LENGTH: usize = 255;
const MAX_TOKEN_LENGTH: usize = 128;

/// CreateLaunchTemplate: a template with its first version.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateLaunchTemplate {
    launch_template_name: String,
    launch_template_data: Tree,
    version_description: Option<String>,
    client_token: Option<String>,
    operator: Option<OperatorParameter>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLaunchTemplateResponse {
    launch_template: TemplateItem,
}

/// # Errors
/// Parameters that a launch does not know. What they name need not be there.
fn check_data(data: &Tree) -> Result<(), Refusal> {
    if matches!(data, Tree::Leaf(_)) {
        return Err(Refusal::missing_parameter("LaunchTemplateData"));
    }
    let parameters: LaunchParameters = data.clone().read()?;
    parameters.check_template()
}

fn check_texts(description: Option<&str>, token: Option<&str>) -> Result<(), Refusal> {
    if description.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION_LENGTH) {
        return Err(Refusal::invalid_parameter_value(format!(
            "Value for parameter VersionDescription is invalid. Length exceeds maximum of {MAX_DESCRIPTION_LENGTH}."
        )));
    }
    match token.filter(|token| token.chars().count() > MAX_TOKEN_LENGTH) {
        Some(token) => {
            Err(Refusal::invalid_parameter_value(format!("Value ({token}) for parameter clientToken is invalid")))
        }
        None => Ok(()),
    }
}

/// For the use of AWS's own services.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OperatorParameter {
    #[serde(rename = "Principal")]
    _principal: Option<String>,
}

fn check_operator(operator: Option<&OperatorParameter>) -> Result<(), Refusal> {
    match operator {
        Some(_) => Err(Refusal::new("UnsupportedOperation", "The parameter Operator is reserved.".to_owned())),
        None => Ok(()),
    }
}

/// # Errors
/// `InvalidLaunchTemplateName.MalformedException`, or `.AlreadyExistsException`.
fn check_name(cx: &Context<'_>, name: &str) -> Result<(), Refusal> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-().,/_".contains(&byte);
    if !(3..=128).contains(&name.len()) || !name.bytes().all(is_allowed) {
        let message = "Launch template names must be between 3 and 128 characters long, and may contain letters, \
                       numbers, '-', '(', ')', '.', '/' and '_'.";
        return Err(Refusal::new("InvalidLaunchTemplateName.MalformedException", message.to_owned()));
    }
    if cx.region.has_alias(&alias(name)) {
        let message = "Launch template name already in use.".to_owned();
        return Err(Refusal::new("InvalidLaunchTemplateName.AlreadyExistsException", message));
    }
    Ok(())
}

const CREATE: &str = "CreateLaunchTemplate";

impl Action for CreateLaunchTemplate {
    type Response = CreateLaunchTemplateResponse;

    fn check(&self) -> Result<(), Refusal> {
        check_data(&self.launch_template_data)
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let token = self.client_token.as_deref();
        check_texts(self.version_description.as_deref(), token)?;
        if let Some(template) = made_before::<LaunchTemplate>(cx, CREATE, token)? {
            return Ok(CreateLaunchTemplateResponse { launch_template: TemplateItem::new(template, cx) });
        }
        let tags = specified_tags(&self.tag_specifications, &["launch-template"], "launch-template")?;
        check_operator(self.operator.as_ref())?;
        check_name(cx, &self.launch_template_name)?;
        let version = Version {
            description: self.version_description,
            create_time: cx.now,
            data: self.launch_template_data,
            token: None,
        };
        let template = LaunchTemplate {
            id: cx.new_id(),
            name: self.launch_template_name,
            create_time: cx.now,
            default_version: 1,
            latest_version: 1,
            versions: BTreeMap::from([(1, version)]),
            tags,
        };
        cx.region.put(template.clone());
        cx.remember(CREATE, token, vec![template.id.into()]);
        Ok(CreateLaunchTemplateResponse { launch_template: TemplateItem::new(&template, cx) })
    }
}

/// CreateLaunchTemplateVersion: with what another version has below, where one is named.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateLaunchTemplateVersion {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    source_version: Option<String>,
    version_description: Option<String>,
    launch_template_data: Tree,
    #[serde(default)]
    resolve_alias: bool,
    client_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateLaunchTemplateVersionResponse {
    launch_template_version: VersionItem,
}

const CREATE_VERSION: &str = "CreateLaunchTemplateVersion";

/// The parameters of a source version. Its snapshots do not come along.
fn inherited(data: &Tree) -> Tree {
    let mut data = data.clone();
    let Some(devices) = data.get("BlockDeviceMapping").map(items) else { return data };
    let without_snapshot = |device: &Tree| {
        let mut device = device.clone();
        if let Some(Tree::Branch(ebs)) = device.get("Ebs") {
            let mut ebs = ebs.clone();
            ebs.remove("SnapshotId");
            device.put("Ebs", Tree::Branch(ebs));
        }
        device
    };
    let devices = list(devices.into_iter().map(without_snapshot));
    data.put("BlockDeviceMapping", devices);
    data
}

/// A version in an answer, with the image's id where that is asked for.
pub(super) fn version_item(
    template: &LaunchTemplate,
    number: u64,
    resolve_alias: bool,
    cx: &Context<'_>,
) -> Result<VersionItem, Refusal> {
    let version = template.version(number)?;
    let item = VersionItem::new(template, number, version, cx);
    match version.data.get("ImageId") {
        Some(Tree::Leaf(text)) if resolve_alias && text.starts_with("resolve:ssm:") => {
            Ok(item.with_image(image::find(cx, text)?.id.to_string()))
        }
        _ => Ok(item),
    }
}

impl Action for CreateLaunchTemplateVersion {
    type Response = CreateLaunchTemplateVersionResponse;

    fn check(&self) -> Result<(), Refusal> {
        check_data(&self.launch_template_data)
    }

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let token = self.client_token.as_deref();
        check_texts(self.version_description.as_deref(), token)?;
        if let Some(template) = made_before::<LaunchTemplate>(cx, CREATE_VERSION, token)? {
            let mut versions = template.versions.iter();
            let number = versions.find(|(_, version)| version.token.as_deref() == token).map(|(number, _)| *number);
            let number = number.unwrap_or(template.latest_version);
            let launch_template_version = version_item(template, number, self.resolve_alias, cx)?;
            return Ok(CreateLaunchTemplateVersionResponse { launch_template_version });
        }
        let mut template = find(cx, self.launch_template_id.as_deref(), self.launch_template_name.as_deref())?.clone();
        let data = match self.source_version.as_deref().filter(|version| !version.is_empty()) {
            Some(source) => {
                let source = template.version(template.number(source)?)?;
                overlay(&self.launch_template_data, &inherited(&source.data))
            }
            None => self.launch_template_data,
        };
        template.latest_version += 1;
        let version = Version {
            description: self.version_description,
            create_time: cx.now,
            data,
            token: self.client_token.clone(),
        };
        let number = template.latest_version;
        template.versions.insert(number, version);
        let launch_template_version = version_item(&template, number, self.resolve_alias, cx)?;
        cx.remember(CREATE_VERSION, self.client_token.as_deref(), vec![template.id.into()]);
        cx.region.put(template);
        Ok(CreateLaunchTemplateVersionResponse { launch_template_version })
    }
}
