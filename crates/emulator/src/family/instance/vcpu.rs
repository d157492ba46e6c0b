//! The quota of vCPUs that an account may run at once.
//!
//! Source: "Amazon EC2 instance type quotas" in the Amazon EC2 Instance Types guide.

use super::Instance;
use crate::action::Context;
use crate::error::Refusal;
use crate::family::instance_type::{self, InstanceType};
use crate::quota;

/// Whether the type belongs to the standard instances (A, C, D, H, I, M, R, T, Z), which have a quota in common. Other families
/// whose names start so (`hpc`, `inf`, `trn`) have quotas of their own.
fn is_standard(instance_type: &InstanceType) -> bool {
    let family = instance_type.name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"].contains(&family)
}

/// # Errors
/// `VcpuLimitExceeded` where the account may not run instances of these types beside those that run already.
pub(super) fn check_vcpus(cx: &Context<'_>, more: &[&InstanceType]) -> Result<(), Refusal> {
    if !more.iter().any(|instance_type| is_standard(instance_type)) {
        return Ok(());
    }
    cx.check_quota(&quota::STANDARD_VCPUS, |region| {
        let running = region.all::<Instance>().filter(|instance| instance.is_up());
        let types = running.filter_map(|instance| instance_type::find(&instance.instance_type));
        let all = types.chain(more.iter().copied()).filter(|instance_type| is_standard(instance_type));
        usize::try_from(all.map(|instance_type| instance_type.vcpus).sum::<u32>()).unwrap_or(usize::MAX)
    })
}
