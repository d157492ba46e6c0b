//! CPU credits of burstable instances: ModifyInstanceCreditSpecification, DescribeInstanceCreditSpecifications.
//!
//! Source: "Burstable performance instances" in the EC2 User Guide.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{InstanceId, ResourceId};

use super::{Instance, find};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, Query, select, text};
use crate::error::Refusal;
use crate::family::instance_type::{self, InstanceType};
use crate::state::Resource;
use crate::wire::Items;

/// What happens when an instance has used up its credits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CpuCredits {
    Standard,
    Unlimited,
}

impl CpuCredits {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Unlimited => "unlimited",
        }
    }

    fn read(text: &str) -> Result<Self, Refusal> {
        match text {
            "standard" => Ok(Self::Standard),
            "unlimited" => Ok(Self::Unlimited),
            other => Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for cpuCredits."))),
        }
    }

    /// T2 instances are standard unless told otherwise, the later families unlimited.
    fn default_of(instance_type: &InstanceType) -> Self {
        if instance_type.name.starts_with("t2.") { Self::Standard } else { Self::Unlimited }
    }
}

/// `CreditSpecification.CpuCredits=standard`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreditSpecification {
    cpu_credits: String,
}

fn not_supported(instance_type: &str) -> Refusal {
    let message = format!("The {instance_type} instance type does not support T2 Unlimited.");
    Refusal::new("InstanceCreditSpecification.NotSupported", message)
}

/// The credits of a launch; `None` for a type that is not burstable.
///
/// # Errors
/// `InstanceCreditSpecification.NotSupported` where such a type is told of credits.
pub(super) fn plan(
    request: Option<&CreditSpecification>,
    instance_type: &InstanceType,
) -> Result<Option<CpuCredits>, Refusal> {
    match request {
        Some(_) if !instance_type.family.burstable => Err(not_supported(instance_type.name)),
        Some(specification) => CpuCredits::read(&specification.cpu_credits).map(Some),
        None => Ok(default_for(instance_type)),
    }
}

/// What an instance has that was told nothing.
pub(super) fn default_for(instance_type: &InstanceType) -> Option<CpuCredits> {
    instance_type.family.burstable.then(|| CpuCredits::default_of(instance_type))
}

impl Instance {
    fn is_burstable(&self) -> bool {
        instance_type::find(&self.instance_type).is_some_and(|found| found.family.burstable)
    }
}

/// ModifyInstanceCreditSpecification: what cannot be changed is told for each instance.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceCreditSpecification {
    #[serde(rename = "InstanceCreditSpecification", default)]
    specifications: Vec<InstanceCreditSpecification>,
    client_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InstanceCreditSpecification {
    instance_id: String,
    cpu_credits: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModifyInstanceCreditSpecificationResponse {
    successful_instance_credit_specification_set: Items<Successful>,
    unsuccessful_instance_credit_specification_set: Items<Unsuccessful>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Successful {
    instance_id: InstanceId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unsuccessful {
    instance_id: String,
    error: UnsuccessfulError,
}

#[derive(Serialize)]
struct UnsuccessfulError {
    code: String,
    message: String,
}

const NAME: &str = "ModifyInstanceCreditSpecification";

impl InstanceCreditSpecification {
    fn carry_out(&self, cx: &mut Context<'_>) -> Result<InstanceId, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        let id = instance.id;
        let credits = self.cpu_credits.as_deref().map(CpuCredits::read).transpose()?;
        if instance.is_gone() {
            let message = format!("The instance '{id}' is not in a valid state for this operation.");
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
        if !instance.is_burstable() {
            return Err(not_supported(&instance.instance_type));
        }
        cx.region.update(id, |instance: &mut Instance| instance.cpu_credits = credits.or(instance.cpu_credits));
        Ok(id)
    }
}

impl Action for ModifyInstanceCreditSpecification {
    type Response = ModifyInstanceCreditSpecificationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if self.specifications.is_empty() {
            return Err(Refusal::missing_parameter("InstanceCreditSpecification"));
        }
        for credits in self.specifications.iter().filter_map(|specification| specification.cpu_credits.as_deref()) {
            CpuCredits::read(credits)?;
        }
        // Repeated, the same request gives the same state; the token only has to belong to it.
        let before = cx.created_before(NAME, self.client_token.as_deref())?.is_some();
        let (mut done, mut failed) = (Vec::new(), Vec::new());
        for specification in &self.specifications {
            let outcome = if before {
                find(cx, &specification.instance_id).map(|instance| instance.id)
            } else {
                specification.carry_out(cx)
            };
            match outcome {
                Ok(instance_id) => done.push(Successful { instance_id }),
                Err(refusal) => failed.push(Unsuccessful {
                    instance_id: specification.instance_id.clone(),
                    error: UnsuccessfulError { code: refusal.code.into_owned(), message: refusal.message },
                }),
            }
        }
        if !before {
            let changed = done.iter().map(|done| ResourceId::from(done.instance_id)).collect();
            cx.remember(NAME, self.client_token.as_deref(), changed);
        }
        Ok(ModifyInstanceCreditSpecificationResponse {
            successful_instance_credit_specification_set: done.into(),
            unsuccessful_instance_credit_specification_set: failed.into(),
        })
    }
}

/// DescribeInstanceCreditSpecifications: of the instances named, or of all that are unlimited.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstanceCreditSpecifications {
    #[serde(rename = "InstanceId", default)]
    instance_ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstanceCreditSpecificationsResponse {
    instance_credit_specification_set: Items<CreditItem>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreditItem {
    instance_id: InstanceId,
    cpu_credits: CpuCredits,
}

const FILTERS: FilterTable<Instance> = &[("instance-id", |instance, _| text(instance.id))];

impl Action for DescribeInstanceCreditSpecifications {
    type Response = DescribeInstanceCreditSpecificationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        super::describe::check_ids(cx, &self.instance_ids, self.max_results)?;
        for id in &self.instance_ids {
            let instance = find(cx, id)?;
            if !instance.is_burstable() {
                return Err(Refusal::new(
                    "InstanceCreditSpecification.NotSupported",
                    format!("The instance '{}' is not a burstable performance instance.", instance.id()),
                ));
            }
        }
        let mut filters = self.filters;
        if self.instance_ids.is_empty() {
            let unlimited = cx
                .region
                .all::<Instance>()
                .filter(|instance| instance.is_burstable() && instance.cpu_credits == Some(CpuCredits::Unlimited));
            let values = unlimited.map(|instance| instance.id.to_string()).collect();
            filters.push(Filter { name: "instance-id".to_owned(), values });
        }
        let query = Query {
            ids: &self.instance_ids,
            filters: &filters,
            page: Page { max_results: self.max_results, next_token: self.next_token },
            ids_name: "instancesSet",
        };
        let (found, next_token) = select(cx, &query, FILTERS)?;
        let items = found
            .into_iter()
            .filter_map(|instance| Some(CreditItem { instance_id: instance.id, cpu_credits: instance.cpu_credits? }));
        Ok(DescribeInstanceCreditSpecificationsResponse {
            instance_credit_specification_set: items.collect(),
            next_token,
        })
    }
}
