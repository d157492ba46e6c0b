//! Launch templates: numbered versions of launch parameters. A version never changes.
//!
//! Sources: the actions' pages in the EC2 API Reference; "Store instance launch parameters in Amazon EC2 launch templates" in the
//! EC2 User Guide.

mod answer;
mod change;
mod create;
mod describe;
mod overlay;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vpcrun_model::LaunchTemplateId;

use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::state::{Resource, Tags, resource};
use crate::wire::Tree;

use change::{DeleteLaunchTemplate, DeleteLaunchTemplateVersions, ModifyLaunchTemplate};
use create::{CreateLaunchTemplate, CreateLaunchTemplateVersion};
use describe::{DescribeLaunchTemplateVersions, DescribeLaunchTemplates, GetLaunchTemplateData};
pub(crate) use overlay::{list, overlay};

actions![
    CreateLaunchTemplate,
    CreateLaunchTemplateVersion,
    DeleteLaunchTemplate,
    DeleteLaunchTemplateVersions,
    DescribeLaunchTemplateVersions,
    DescribeLaunchTemplates,
    GetLaunchTemplateData,
    ModifyLaunchTemplate
];

/// A launch template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LaunchTemplate {
    id: LaunchTemplateId,
    name: String,
    create_time: Timestamp,
    default_version: u64,
    /// The number given out last, be that version deleted or not.
    latest_version: u64,
    versions: BTreeMap<u64, Version>,
    tags: Tags,
}

/// A version of a launch template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Version {
    description: Option<String>,
    create_time: Timestamp,
    /// The parameters, as they were sent.
    data: Tree,
    /// The ClientToken of the request that made it.
    token: Option<String>,
}

resource!(
    LaunchTemplate as LaunchTemplate,
    LaunchTemplateId,
    "launch-template",
    IdWording {
        noun: "launch template",
        not_found: "InvalidLaunchTemplateId.NotFound",
        malformed: "InvalidLaunchTemplateId.Malformed",
    },
    fn aliases(&self) -> Vec<String> {
        vec![alias(&self.name)]
    }
);

fn alias(name: &str) -> String {
    format!("launch-template/{name}")
}

/// A template and a version in a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct TemplateSpecification {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    version: Option<String>,
}

/// The parameters that a launch takes from a template.
pub(crate) struct Used {
    id: LaunchTemplateId,
    version: u64,
    pub(crate) data: Tree,
}

impl Used {
    /// What EC2 notes on an instance that comes from a template.
    pub(crate) fn tags(&self) -> Tags {
        Tags::from([
            ("aws:ec2launchtemplate:id".to_owned(), self.id.to_string()),
            ("aws:ec2launchtemplate:version".to_owned(), self.version.to_string()),
        ])
    }
}

impl TemplateSpecification {
    /// # Errors
    /// An unknown template or version.
    pub(crate) fn find(&self, cx: &Context<'_>) -> Result<Used, Refusal> {
        let template = find(cx, self.launch_template_id.as_deref(), self.launch_template_name.as_deref())?;
        let wanted = self.version.as_deref().filter(|version| !version.is_empty()).unwrap_or("$Default");
        let number = template.number(wanted)?;
        let data = template.version(number)?.data.clone();
        Ok(Used { id: template.id, version: number, data })
    }
}

/// The template that a request names, by id or by name.
///
/// # Errors
/// Neither or both, a malformed id, or an unknown id or name.
fn find<'c>(cx: &'c Context<'_>, id: Option<&str>, name: Option<&str>) -> Result<&'c LaunchTemplate, Refusal> {
    match (id, name) {
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
            "You must specify either LaunchTemplateId or LaunchTemplateName, but not both.",
        )),
        (None, None) => Err(Refusal::new(
            "MissingParameter",
            "The request must contain the parameter LaunchTemplateId or LaunchTemplateName".to_owned(),
        )),
        (Some(id), None) => by_id(cx, id),
        (None, Some(name)) => by_name(cx, name),
    }
}

fn by_id<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c LaunchTemplate, Refusal> {
    let parsed: LaunchTemplateId = id.parse().map_err(|_| LaunchTemplate::WORDING.malformed::<LaunchTemplateId>(id))?;
    cx.region.get(parsed).ok_or_else(|| {
        let message = format!("The specified launch template, with template ID {id}, does not exist.");
        Refusal::new(LaunchTemplate::WORDING.not_found, message)
    })
}

fn by_name<'c>(cx: &'c Context<'_>, name: &str) -> Result<&'c LaunchTemplate, Refusal> {
    cx.region.by_alias(&alias(name)).ok_or_else(|| {
        let message = format!("The specified launch template, with template name {name}, does not exist.");
        Refusal::new("InvalidLaunchTemplateName.NotFoundException", message)
    })
}

impl LaunchTemplate {
    /// The version that `$Default`, `$Latest` or a number means; it need not be there.
    ///
    /// # Errors
    /// `InvalidParameterValue` for anything else.
    fn number(&self, wanted: &str) -> Result<u64, Refusal> {
        match wanted {
            "$Default" => Ok(self.default_version),
            // A deleted version is not the latest, even though its number is not given out again.
            "$Latest" => Ok(self.latest_there()),
            number => parse_version(number),
        }
    }

    fn latest_there(&self) -> u64 {
        self.versions.keys().next_back().copied().unwrap_or(self.latest_version)
    }

    /// # Errors
    /// `InvalidLaunchTemplateId.VersionNotFound`.
    fn version(&self, number: u64) -> Result<&Version, Refusal> {
        self.versions.get(&number).ok_or_else(|| {
            let message =
                format!("Could not find the specified version {number} for the launch template with ID {}.", self.id);
            Refusal::new("InvalidLaunchTemplateId.VersionNotFound", message)
        })
    }
}

fn parse_version(text: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| {
        Refusal::invalid_parameter_value(
            "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.",
        )
    })
}

/// Who made a template: nobody but the account itself is known here.
fn creator(cx: &Context<'_>) -> String {
    format!("arn:aws:iam::{}:root", cx.account_id())
}
