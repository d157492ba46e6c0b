//! Regions and Availability Zones.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::text::open_enum;

/// A region.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Region {
    /// The region's name, such as `ap-northeast-1`.
    pub region_name: String,
    /// The host of its EC2 endpoint.
    pub endpoint: Option<String>,
    /// `opt-in-not-required`, `opted-in` or `not-opted-in`.
    pub opt_in_status: Option<String>,
}

/// An Availability Zone, Local Zone or Wavelength Zone.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AvailabilityZone {
    /// The zone's name, such as `ap-northeast-1c`. Accounts differ in which place it names.
    pub zone_name: String,
    /// The zone's id, such as `apne1-az1`: the same place in every account.
    pub zone_id: Option<String>,
    /// `availability-zone`, `local-zone` or `wavelength-zone`.
    pub zone_type: Option<String>,
    /// The region.
    pub region_name: Option<String>,
    /// The zone's group, for opting in.
    pub group_name: Option<String>,
    /// The group of zones from which its addresses are announced.
    pub network_border_group: Option<String>,
    /// Whether it can be used.
    pub state: ZoneState,
    /// `opt-in-not-required`, `opted-in` or `not-opted-in`.
    pub opt_in_status: Option<String>,
}

open_enum! {
    /// Whether a zone can be used.
    ZoneState {
        /// Can be used.
        Available => "available",
        /// With limits.
        Impaired => "impaired",
        /// Not now.
        Unavailable => "unavailable",
        /// No longer, except for what runs there.
        Constrained => "constrained",
    }
}
