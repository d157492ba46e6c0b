//! ModifyLaunchTemplate, DeleteLaunchTemplate, DeleteLaunchTemplateVersions.

use serde::{Deserialize, Serialize};
use vpcrun_model::LaunchTemplateId;

use super::answer::TemplateItem;
use super::{LaunchTemplate, find, parse_version};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::wire::Items;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateResponse {
    launch_template: TemplateItem,
}

/// ModifyLaunchTemplate: sets the default version.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyLaunchTemplate {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    set_default_version: Option<String>,
    client_token: Option<String>,
}

const MODIFY: &str = "ModifyLaunchTemplate";

impl Action for ModifyLaunchTemplate {
    type Response = TemplateResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<TemplateResponse, Refusal> {
        let token = self.client_token.as_deref();
        let before = cx.created_before(MODIFY, token)?.is_some();
        let mut template = find(cx, self.launch_template_id.as_deref(), self.launch_template_name.as_deref())?.clone();
        if !before {
            let wanted = self.set_default_version.as_deref().filter(|version| !version.is_empty());
            let wanted = wanted.ok_or_else(|| Refusal::missing_parameter("SetDefaultVersion"))?;
            let number = template.number(wanted)?;
            template.version(number)?;
            template.default_version = number;
            cx.remember(MODIFY, token, vec![template.id.into()]);
            cx.region.put(template.clone());
        }
        Ok(TemplateResponse { launch_template: TemplateItem::new(&template, cx) })
    }
}

/// DeleteLaunchTemplate: with all its versions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteLaunchTemplate {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
}

impl Action for DeleteLaunchTemplate {
    type Response = TemplateResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<TemplateResponse, Refusal> {
        let template = find(cx, self.launch_template_id.as_deref(), self.launch_template_name.as_deref())?;
        let (id, launch_template) = (template.id, TemplateItem::new(template, cx));
        cx.region.remove(id);
        Ok(TemplateResponse { launch_template })
    }
}

/// DeleteLaunchTemplateVersions: tells of each version whether it is gone.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteLaunchTemplateVersions {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    #[serde(rename = "LaunchTemplateVersion", default)]
    versions: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteLaunchTemplateVersionsResponse {
    successfully_deleted_launch_template_version_set: Items<Deleted>,
    unsuccessfully_deleted_launch_template_version_set: Items<NotDeleted>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted {
    launch_template_id: LaunchTemplateId,
    launch_template_name: String,
    version_number: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotDeleted {
    launch_template_id: LaunchTemplateId,
    launch_template_name: String,
    version_number: u64,
    response_error: ResponseError,
}

#[derive(Serialize)]
struct ResponseError {
    code: &'static str,
    message: String,
}

const MAX_VERSIONS: usize = 200;

/// Why a version cannot be deleted.
fn obstacle(template: &LaunchTemplate, number: u64) -> Option<ResponseError> {
    if number == template.default_version {
        let message = format!("Cannot delete default version {number} of launch template {}.", template.id);
        return Some(ResponseError { code: "unexpectedError", message });
    }
    if template.versions.contains_key(&number) {
        return None;
    }
    let message =
        format!("Could not find the specified version {number} for the launch template with ID {}.", template.id);
    Some(ResponseError { code: "launchTemplateVersionDoesNotExist", message })
}

impl Action for DeleteLaunchTemplateVersions {
    type Response = DeleteLaunchTemplateVersionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let mut template = find(cx, self.launch_template_id.as_deref(), self.launch_template_name.as_deref())?.clone();
        if self.versions.is_empty() {
            return Err(Refusal::missing_parameter("LaunchTemplateVersion"));
        }
        if self.versions.len() > MAX_VERSIONS {
            return Err(Refusal::invalid_parameter_value(format!(
                "You can delete up to {MAX_VERSIONS} launch template versions in a single request."
            )));
        }
        let numbers = self.versions.iter().map(|text| parse_version(text)).collect::<Result<Vec<_>, _>>()?;
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for version_number in numbers {
            let (launch_template_id, launch_template_name) = (template.id, template.name.clone());
            match obstacle(&template, version_number) {
                None => {
                    template.versions.remove(&version_number);
                    done.push(Deleted { launch_template_id, launch_template_name, version_number });
                }
                Some(response_error) => {
                    failed.push(NotDeleted {
                        launch_template_id,
                        launch_template_name,
                        version_number,
                        response_error,
                    });
                }
            }
        }
        cx.region.put(template);
        Ok(DeleteLaunchTemplateVersionsResponse {
            successfully_deleted_launch_template_version_set: done.into(),
            unsuccessfully_deleted_launch_template_version_set: failed.into(),
        })
    }
}
