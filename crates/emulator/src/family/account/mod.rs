//! The account: what it says of itself, and what it chooses for each region.
//!
//! Sources: DescribeAccountAttributes, GetEbsEncryptionByDefault, GetInstanceMetadataDefaults and their neighbours; "EBS
//! encryption" and "Configure the Instance Metadata Service options" in the EC2 User Guide.

mod attribute;
mod ebs;
mod metadata_defaults;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::action::{Context, actions};

use attribute::DescribeAccountAttributes;
use ebs::{DisableEbsEncryptionByDefault, EnableEbsEncryptionByDefault, GetEbsEncryptionByDefault};
pub(crate) use metadata_defaults::MetadataDefaults;
use metadata_defaults::{GetInstanceMetadataDefaults, ModifyInstanceMetadataDefaults};

actions![
    DescribeAccountAttributes,
    DisableEbsEncryptionByDefault,
    EnableEbsEncryptionByDefault,
    GetEbsEncryptionByDefault,
    GetInstanceMetadataDefaults,
    ModifyInstanceMetadataDefaults,
];

/// What an account has chosen for a region, and what EC2 remembers of it there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Whether new volumes are encrypted, whatever the request says.
    pub(crate) ebs_encryption_by_default: bool,
    pub(crate) metadata_defaults: MetadataDefaults,
    /// Elastic IP addresses that were released, the last one last: AllocateAddress can give one of them back.
    pub(crate) released_addresses: Vec<Ipv4Addr>,
}

static FRESH: Settings = Settings {
    ebs_encryption_by_default: false,
    metadata_defaults: MetadataDefaults::NO_PREFERENCE,
    released_addresses: Vec::new(),
};

impl Context<'_> {
    /// The account's settings for the request's region.
    pub(crate) fn settings(&self) -> &Settings {
        self.state.account.settings.get(self.region_name).unwrap_or(&FRESH)
    }

    pub(crate) fn settings_mut(&mut self) -> &mut Settings {
        self.state.account.settings.entry(self.region_name.to_owned()).or_default()
    }
}
