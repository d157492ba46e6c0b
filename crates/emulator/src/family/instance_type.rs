//! Instance types: what RunInstances needs of them, and their Describe actions.
//!
//! Sources: DescribeInstanceTypes, DescribeInstanceTypeOfferings.

mod describe;
mod offering;
mod table;

use crate::action::actions;
use crate::family::image::Architecture;
use describe::DescribeInstanceTypes;
use offering::DescribeInstanceTypeOfferings;
use table::INSTANCE_TYPES;
pub(crate) use table::InstanceType;

actions![DescribeInstanceTypeOfferings, DescribeInstanceTypes];

impl InstanceType {
    /// Whether it runs images of this architecture.
    pub(crate) fn supports(&self, architecture: Architecture) -> bool {
        self.family.architectures.contains(&architecture)
    }

    /// Whether a region has it.
    pub(crate) fn is_offered_in(&self, region_name: &str) -> bool {
        !self.family.absent_from.contains(&region_name)
    }
}

/// The instance type of this name, whether or not a region offers it.
pub(crate) fn find(name: &str) -> Option<&'static InstanceType> {
    INSTANCE_TYPES.iter().find(|instance_type| instance_type.name == name)
}
