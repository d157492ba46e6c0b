//! Placement groups: how the hardware under instances is shared out.
//!
//! Sources: CreatePlacementGroup, DescribePlacementGroups, DeletePlacementGroup; "Placement groups for your Amazon EC2 instances"
//! in the EC2 User Guide.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::PlacementGroupId;

use crate::action::{Action, Context, actions};
use crate::describe::{Filter, FilterTable, check_filters, optional, passes, text};
use crate::error::{IdWording, Refusal};
use crate::family::instance::Instance;
use crate::family::network_interface::Operator;
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set_or_none};
use crate::state::{Tags, resource};
use crate::wire::{Items, Reply};

actions![CreatePlacementGroup, DeletePlacementGroup, DescribePlacementGroups];

/// A placement group. It is available as soon as it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlacementGroup {
    pub(crate) id: PlacementGroupId,
    pub(crate) name: String,
    pub(crate) strategy: Strategy,
    /// Of a group with the partition strategy.
    pub(crate) partition_count: Option<u32>,
    tags: Tags,
}

resource!(
    PlacementGroup as PlacementGroup,
    PlacementGroupId,
    "placement-group",
    IdWording {
        noun: "placement group",
        not_found: "InvalidPlacementGroupId.NotFound",
        malformed: "InvalidPlacementGroupId.Malformed",
    },
    fn aliases(&self) -> Vec<String> {
        vec![alias(&self.name)]
    }
);

fn alias(name: &str) -> String {
    format!("placement-group/{name}")
}

/// How a group places its instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Strategy {
    /// Close together, in one zone.
    Cluster,
    /// Each on hardware of its own.
    Spread,
    /// In partitions that share no hardware.
    Partition,
}

impl Strategy {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Spread => "spread",
            Self::Partition => "partition",
        }
    }
}

/// Outside Outposts, groups spread over racks only.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SpreadLevel {
    Host,
    Rack,
}

const MAX_NAME_LENGTH: usize = 255;
/// Partitions in each zone. Source: "Placement strategies for your placement groups" in the EC2 User Guide.
const MAX_PARTITIONS: u32 = 7;
const DEFAULT_PARTITIONS: u32 = 2;
const SPREAD_LEVEL: &str = "rack";

impl PlacementGroup {
    fn spread_level(&self) -> Option<&'static str> {
        (self.strategy == Strategy::Spread).then_some(SPREAD_LEVEL)
    }

    fn arn(&self, cx: &Context<'_>) -> String {
        format!("arn:aws:ec2:{}:{}:placement-group/{}", cx.region_name, cx.account_id(), self.name)
    }

    const FILTERS: FilterTable<Self> = &[
        ("group-arn", |group, cx| text(group.arn(cx))),
        ("group-name", |group, _| text(&group.name)),
        ("spread-level", |group, _| optional(group.spread_level())),
        ("state", |_, _| text("available")),
        ("strategy", |group, _| text(group.strategy.as_str())),
    ];
}

fn unknown(name: &str) -> Refusal {
    Refusal::new("InvalidPlacementGroup.Unknown", format!("The Placement Group '{name}' is unknown."))
}

/// The group of this name.
///
/// # Errors
/// `InvalidPlacementGroup.Unknown`.
pub(crate) fn by_name<'c>(cx: &'c Context<'_>, name: &str) -> Result<&'c PlacementGroup, Refusal> {
    cx.region.by_alias(&alias(name)).ok_or_else(|| unknown(name))
}

/// The group with this id.
///
/// # Errors
/// `InvalidPlacementGroupId.Malformed`, or `InvalidPlacementGroup.Unknown`.
pub(crate) fn by_id<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c PlacementGroup, Refusal> {
    let parsed: PlacementGroupId = id.parse().map_err(|_| {
        Refusal::new("InvalidPlacementGroupId.Malformed", format!("Invalid id: \"{id}\" (expecting \"pg-...\")"))
    })?;
    cx.region.get(parsed).ok_or_else(|| unknown(id))
}

/// The instances in a group that are not terminated.
pub(crate) fn members<'c>(cx: &'c Context<'_>, id: PlacementGroupId) -> impl Iterator<Item = &'c Instance> {
    cx.region.referrers::<Instance>(id)
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlacementGroupItem {
    group_name: String,
    state: &'static str,
    strategy: Strategy,
    partition_count: Option<u32>,
    group_id: PlacementGroupId,
    tag_set: Option<Items<TagItem>>,
    group_arn: String,
    spread_level: Option<&'static str>,
    operator: Operator,
}

impl PlacementGroupItem {
    fn new(group: &PlacementGroup, cx: &Context<'_>) -> Self {
        Self {
            group_name: group.name.clone(),
            state: "available",
            strategy: group.strategy,
            partition_count: group.partition_count,
            group_id: group.id,
            tag_set: tag_set_or_none(&group.tags),
            group_arn: group.arn(cx),
            spread_level: group.spread_level(),
            operator: Operator::NONE,
        }
    }
}

/// CreatePlacementGroup.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreatePlacementGroup {
    group_name: Option<String>,
    strategy: Option<Strategy>,
    partition_count: Option<u32>,
    spread_level: Option<SpreadLevel>,
    linked_group_id: Option<String>,
    operator: Option<OperatorRequest>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

/// For the use of AWS's own services.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OperatorRequest {
    #[serde(rename = "Principal")]
    _principal: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatePlacementGroupResponse {
    placement_group: PlacementGroupItem,
}

impl CreatePlacementGroup {
    /// How many partitions the group gets.
    ///
    /// # Errors
    /// Parameters that do not go with the strategy.
    fn partitions(&self, strategy: Strategy) -> Result<Option<u32>, Refusal> {
        if self.spread_level.is_some() && strategy != Strategy::Spread {
            return Err(Refusal::invalid_parameter_combination(
                "The parameter SpreadLevel is valid only with the strategy 'spread'.",
            ));
        }
        if self.spread_level == Some(SpreadLevel::Host) {
            return Err(Refusal::invalid_parameter_value(
                "The spread level 'host' is supported only for placement groups on an Outpost.",
            ));
        }
        match self.partition_count {
            Some(_) if strategy != Strategy::Partition => Err(Refusal::invalid_parameter_combination(
                "The parameter PartitionCount is valid only with the strategy 'partition'.",
            )),
            Some(count) if !(1..=MAX_PARTITIONS).contains(&count) => Err(Refusal::invalid_parameter_value(format!(
                "Invalid value '{count}' for partitionCount. Expecting a value between 1 and {MAX_PARTITIONS}."
            ))),
            count => Ok((strategy == Strategy::Partition).then(|| count.unwrap_or(DEFAULT_PARTITIONS))),
        }
    }
}

impl Action for CreatePlacementGroup {
    type Response = CreatePlacementGroupResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["placement-group"], "placement-group")?;
        let name = self.group_name.clone().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::missing_parameter("groupName"))?;
        if name.len() > MAX_NAME_LENGTH || !name.is_ascii() {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({name}) for parameter groupName is invalid. Up to {MAX_NAME_LENGTH} ASCII characters are allowed."
            )));
        }
        if self.linked_group_id.is_some() || self.operator.is_some() {
            let message = "The parameters LinkedGroupId and Operator are reserved.".to_owned();
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        let strategy = self.strategy.ok_or_else(|| Refusal::missing_parameter("strategy"))?;
        let partition_count = self.partitions(strategy)?;
        if cx.region.has_alias(&alias(&name)) {
            let message = format!("The Placement Group '{name}' already exists.");
            return Err(Refusal::new("InvalidPlacementGroup.Duplicate", message));
        }
        let group = PlacementGroup { id: cx.new_id(), name, strategy, partition_count, tags };
        cx.region.put(group.clone());
        Ok(CreatePlacementGroupResponse { placement_group: PlacementGroupItem::new(&group, cx) })
    }
}

/// DeletePlacementGroup: refused while an instance is in it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeletePlacementGroup {
    group_name: String,
}

impl Action for DeletePlacementGroup {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id = by_name(cx, &self.group_name)?.id;
        if members(cx, id).next().is_some() {
            let message = format!("The placement group '{}' is in use and may not be deleted.", self.group_name);
            return Err(Refusal::new("InvalidPlacementGroup.InUse", message));
        }
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}

/// DescribePlacementGroups: all at once, without pages.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribePlacementGroups {
    #[serde(rename = "GroupName", default)]
    names: Vec<String>,
    #[serde(rename = "GroupId", default)]
    ids: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribePlacementGroupsResponse {
    placement_group_set: Items<PlacementGroupItem>,
}

impl Action for DescribePlacementGroups {
    type Response = DescribePlacementGroupsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, PlacementGroup::FILTERS.iter().map(|(name, _)| *name))?;
        let mut found: Vec<&PlacementGroup> = if self.names.is_empty() && self.ids.is_empty() {
            cx.region.all().collect()
        } else {
            let by_names = self.names.iter().map(|name| by_name(cx, name));
            by_names.chain(self.ids.iter().map(|id| by_id(cx, id))).collect::<Result<_, _>>()?
        };
        found.sort_by_key(|group| group.id);
        found.dedup_by_key(|group| group.id);
        found.retain(|group| passes(*group, &self.filters, PlacementGroup::FILTERS, cx));
        let items = found.into_iter().map(|group| PlacementGroupItem::new(group, cx));
        Ok(DescribePlacementGroupsResponse { placement_group_set: items.collect() })
    }
}
