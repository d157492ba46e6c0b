//! Managed prefix lists: sets of CIDR blocks under one id, for routes and rules. AWS has its own in every region, customers make theirs.
//!
//! Sources: CreateManagedPrefixList, ModifyManagedPrefixList, RestoreManagedPrefixListVersion, DeleteManagedPrefixList and the actions
//! that describe them; "Customer-managed prefix lists" and "AWS-managed prefix lists" in the Amazon VPC User Guide; public reports.

mod aws;
mod change;
mod create;
mod describe;
mod entry;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use vpcrun_model::{PrefixListId, ResourceId};

use self::change::{ModifyManagedPrefixList, RestoreManagedPrefixListVersion};
use self::create::{CreateManagedPrefixList, DeleteManagedPrefixList};
use self::describe::{
    DescribeManagedPrefixLists, DescribePrefixLists, GetManagedPrefixListAssociations, GetManagedPrefixListEntries,
};
use crate::action::{Context, actions};
use crate::clock::Timestamp;
use crate::error::{IdWording, Refusal};
use crate::family::route_table::{self, RouteTable};
use crate::family::security_group::{self, SecurityGroupRule};
use crate::state::{Region, Resource, Tags, resource};

pub(crate) use self::aws::create_aws_managed;

actions![
    CreateManagedPrefixList,
    DeleteManagedPrefixList,
    DescribeManagedPrefixLists,
    DescribePrefixLists,
    GetManagedPrefixListAssociations,
    GetManagedPrefixListEntries,
    ModifyManagedPrefixList,
    RestoreManagedPrefixListVersion,
];

/// A managed prefix list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PrefixList {
    pub(crate) id: PrefixListId,
    pub(crate) name: String,
    pub(crate) address_family: AddressFamily,
    /// Whether it is one of AWS's own, which nobody can change.
    pub(crate) is_aws_managed: bool,
    /// How many rules or routes a reference to the list counts for: the most entries that it can have.
    pub(crate) max_entries: u32,
    /// The entries of each version, from version 1 to the current one.
    versions: Vec<Vec<Entry>>,
    state: PrefixListState,
    state_message: Option<String>,
    /// What the state in progress leads to, and when.
    change: Option<(Timestamp, Change)>,
    tags: Tags,
}

resource!(
    PrefixList as PrefixList,
    PrefixListId,
    "prefix-list",
    IdWording {
        noun: "prefix list",
        not_found: "InvalidPrefixListID.NotFound",
        malformed: "InvalidPrefixListId.Malformed",
    },
    fn aliases(&self) -> Vec<String> {
        // Names of customers' lists need not be unique.
        self.is_aws_managed.then(|| alias(&self.name)).into_iter().collect()
    },
    fn due(&self) -> Option<Timestamp> {
        self.change.as_ref().map(|(due, _)| *due)
    },
    fn advance(cx: &mut Context<'_>, id: PrefixListId, _at: Timestamp) {
        advance(cx, id);
    }
);

/// What an AWS-managed list is found by beside its id.
fn alias(name: &str) -> String {
    format!("prefix-list/{name}")
}

/// An entry: a block of the list's address family, without host bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) cidr: IpNet,
    description: Option<String>,
}

/// The IP version of a list's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AddressFamily {
    #[serde(rename = "IPv4")]
    Ipv4,
    #[serde(rename = "IPv6")]
    Ipv6,
}

impl AddressFamily {
    fn of(block: IpNet) -> Self {
        match block {
            IpNet::V4(_) => Self::Ipv4,
            IpNet::V6(_) => Self::Ipv6,
        }
    }
}

/// The states that a list can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PrefixListState {
    CreateInProgress,
    CreateComplete,
    ModifyInProgress,
    ModifyComplete,
    ModifyFailed,
    RestoreInProgress,
    RestoreComplete,
    DeleteInProgress,
    DeleteFailed,
}

impl PrefixListState {
    const fn name(self) -> &'static str {
        match self {
            Self::CreateInProgress => "create-in-progress",
            Self::CreateComplete => "create-complete",
            Self::ModifyInProgress => "modify-in-progress",
            Self::ModifyComplete => "modify-complete",
            Self::ModifyFailed => "modify-failed",
            Self::RestoreInProgress => "restore-in-progress",
            Self::RestoreComplete => "restore-complete",
            Self::DeleteInProgress => "delete-in-progress",
            Self::DeleteFailed => "delete-failed",
        }
    }
}

/// What happens to a list at the end of a transition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Change {
    Created,
    NewVersion(Vec<Entry>),
    Restored(Vec<Entry>),
    Resized(u32),
    Deleted,
}

impl PrefixList {
    /// The AWS-managed list of this name, such as `com.amazonaws.ap-northeast-1.s3`.
    pub(crate) fn of_aws<'r>(region: &'r Region, name: &str) -> Option<&'r Self> {
        region.by_alias::<Self>(&alias(name))
    }

    /// The entries of the current version.
    pub(crate) fn entries(&self) -> &[Entry] {
        self.versions.last().map_or(&[], Vec::as_slice)
    }

    /// For how many routes of IPv4 and of IPv6 the list counts if it can have `size` entries.
    pub(crate) fn weight_of(&self, size: u32) -> (usize, usize) {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        match self.address_family {
            AddressFamily::Ipv4 => (size, 0),
            AddressFamily::Ipv6 => (0, size),
        }
    }

    fn version(&self) -> usize {
        self.versions.len()
    }
}

/// The list of this id, as the actions on prefix lists themselves find it. Routes and rules word it as other kinds are worded
/// (aws-cloudformation/rain#308).
///
/// # Errors
/// A malformed id, or an unknown one (message: aws/aws-application-networking-k8s#172).
fn find<'c>(cx: &'c Context<'_>, id: &str) -> Result<&'c PrefixList, Refusal> {
    let wording = PrefixList::WORDING;
    let parsed: PrefixListId = id.parse().map_err(|_| wording.malformed::<PrefixListId>(id))?;
    let unknown = || Refusal::new(wording.not_found, format!("The prefix list ({id}) does not exist."));
    cx.region.get(parsed).ok_or_else(unknown)
}

/// What refers to a list: security groups by their rules, and route tables by their routes. Each once, by id.
fn referrers(region: &Region, list: PrefixListId) -> Vec<ResourceId> {
    let groups = region.referrers::<SecurityGroupRule>(list).map(|rule| rule.group_id.into());
    let tables = region.referrers::<RouteTable>(list).map(|table| Resource::id(table).into());
    let mut found: Vec<ResourceId> = groups.chain(tables).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// EC2 names as many resources in a state message.
const MAX_NAMED: usize = 10;

fn names(resources: &[ResourceId]) -> String {
    let names: Vec<String> = resources.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    names.join(", ")
}

/// Ends a list's transition. Modification and deletion may fail then: the state and its message say so.
fn advance(cx: &mut Context<'_>, id: PrefixListId) {
    let Some(list) = cx.region.get::<PrefixList>(id) else { return };
    let mut list = list.clone();
    let Some((_, change)) = list.change.take() else { return };
    list.state = match change {
        Change::Created => PrefixListState::CreateComplete,
        Change::NewVersion(entries) => {
            list.versions.push(entries);
            PrefixListState::ModifyComplete
        }
        Change::Restored(entries) => {
            list.versions.push(entries);
            PrefixListState::RestoreComplete
        }
        Change::Resized(size) => {
            let mut full = security_group::without_room(cx, &list, size);
            full.extend(route_table::without_room(cx, &list, size));
            if full.is_empty() {
                list.max_entries = size;
                PrefixListState::ModifyComplete
            } else {
                list.state_message =
                    Some(format!("The following resources do not support the new maximum size: {}.", names(&full)));
                PrefixListState::ModifyFailed
            }
        }
        Change::Deleted => {
            let in_use = referrers(&cx.region, id);
            if in_use.is_empty() {
                cx.region.remove(id);
                return;
            }
            list.state_message = Some(format!("The prefix list is in use by: {}.", names(&in_use)));
            PrefixListState::DeleteFailed
        }
    };
    cx.region.put(list);
}
