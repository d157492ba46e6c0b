//! ModifyInstanceCpuOptions, ModifyInstanceMaintenanceOptions, ModifyInstancePlacement, ModifyPrivateDnsNameOptions.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::InstanceId;

use super::option::{check_group, check_partition, find_group, place, unsupported};
use super::parameters::{CpuOptionsRequest, PrivateDnsNameOptionsRequest, Switch, TenancyRequest};
use super::{Instance, InstanceState, Recovery, Tenancy, find};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::instance_type;
use crate::family::placement_group::PlacementGroup;
use crate::family::subnet::HostnameType;
use crate::wire::Reply;

fn check_stopped(instance: &Instance) -> Result<(), Refusal> {
    if instance.state == InstanceState::Stopped {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in the 'stopped' state.", instance.id);
    Err(Refusal::new("IncorrectInstanceState", message))
}

fn check_there(instance: &Instance) -> Result<(), Refusal> {
    if !instance.is_gone() {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in a valid state for this operation.", instance.id);
    Err(Refusal::new("IncorrectInstanceState", message))
}

/// ModifyInstanceCpuOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceCpuOptions {
    instance_id: String,
    core_count: Option<u32>,
    threads_per_core: Option<u32>,
    nested_virtualization: Option<Switch>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModifyInstanceCpuOptionsResponse {
    instance_id: InstanceId,
    core_count: u32,
    threads_per_core: u32,
}

impl Action for ModifyInstanceCpuOptions {
    type Response = ModifyInstanceCpuOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        check_stopped(instance)?;
        let current = instance.cpu_options();
        let request = CpuOptionsRequest {
            core_count: self.core_count.or(current.map(|options| options.core_count)),
            threads_per_core: self.threads_per_core.or(current.map(|options| options.threads_per_core)),
            amd_sev_snp: None,
            nested_virtualization: self.nested_virtualization,
        };
        if self.core_count.is_none() && self.threads_per_core.is_none() && self.nested_virtualization.is_none() {
            return Err(Refusal::missing_parameter("CoreCount, ThreadsPerCore or NestedVirtualization"));
        }
        let unknown = || Refusal::internal(format!("the instance type '{}' is unknown", instance.instance_type));
        let of = instance_type::find(&instance.instance_type).ok_or_else(unknown)?;
        let instance_id = instance.id;
        let options = request.plan(of)?.ok_or_else(unknown)?;
        cx.region.update(instance_id, |instance: &mut Instance| instance.cpu_options = Some(options));
        Ok(ModifyInstanceCpuOptionsResponse {
            instance_id,
            core_count: options.core_count,
            threads_per_core: options.threads_per_core,
        })
    }
}

/// ModifyInstanceMaintenanceOptions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstanceMaintenanceOptions {
    instance_id: String,
    auto_recovery: Option<Recovery>,
    reboot_migration: Option<Recovery>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModifyInstanceMaintenanceOptionsResponse {
    instance_id: InstanceId,
    auto_recovery: Option<Recovery>,
    reboot_migration: Option<Recovery>,
}

impl Action for ModifyInstanceMaintenanceOptions {
    type Response = ModifyInstanceMaintenanceOptionsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        if self.auto_recovery.is_none() && self.reboot_migration.is_none() {
            return Err(Refusal::missing_parameter("AutoRecovery or RebootMigration"));
        }
        check_there(instance)?;
        let instance_id = instance.id;
        cx.region.update(instance_id, |instance: &mut Instance| {
            instance.auto_recovery = self.auto_recovery.unwrap_or(instance.auto_recovery);
            instance.reboot_migration = self.reboot_migration.unwrap_or(instance.reboot_migration);
        });
        Ok(ModifyInstanceMaintenanceOptionsResponse {
            instance_id,
            auto_recovery: self.auto_recovery,
            reboot_migration: self.reboot_migration,
        })
    }
}

/// ModifyInstancePlacement.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyInstancePlacement {
    instance_id: String,
    /// Empty: out of its group.
    group_name: Option<String>,
    group_id: Option<String>,
    partition_number: Option<u32>,
    tenancy: Option<TenancyRequest>,
    affinity: Option<Affinity>,
    host_id: Option<String>,
    host_resource_group_arn: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Affinity {
    Default,
    Host,
}

impl ModifyInstancePlacement {
    /// # Errors
    /// Nothing to change, or a Dedicated Host, of which the account has none.
    fn check_hosts(&self) -> Result<(), Refusal> {
        let changes_nothing = self.group_name.is_none()
            && self.group_id.is_none()
            && self.partition_number.is_none()
            && self.tenancy.is_none()
            && self.affinity.is_none()
            && self.host_id.is_none()
            && self.host_resource_group_arn.is_none();
        if changes_nothing {
            return Err(Refusal::new(
                "MissingParameter",
                "The request must contain at least one of: affinity, hostId, tenancy, groupName, groupId, \
                 partitionNumber, hostResourceGroupArn"
                    .to_owned(),
            ));
        }
        if let Some(id) = &self.host_id {
            return Err(Refusal::new("InvalidHostID.NotFound", format!("The host ID '{id}' does not exist")));
        }
        if self.host_resource_group_arn.is_some() || self.affinity == Some(Affinity::Host) {
            return Err(unsupported("The account has no Dedicated Hosts."));
        }
        Ok(())
    }
}

impl Action for ModifyInstancePlacement {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        self.check_hosts()?;
        check_stopped(instance)?;
        let mut changed = instance.clone();
        match self.tenancy {
            Some(TenancyRequest::Host) => return Err(super::option::no_host()),
            // "You can't change the tenancy from dedicated to default" nor back, without a host between them.
            Some(wanted) if (wanted == TenancyRequest::Dedicated) != (instance.tenancy == Tenancy::Dedicated) => {
                let message = "The tenancy of an instance can be changed from 'dedicated' to 'host', or from 'host' to \
                               'dedicated' only.";
                return Err(Refusal::new("InvalidRequest", message.to_owned()));
            }
            _ => {}
        }
        if self.group_name.is_some() || self.group_id.is_some() {
            let group = find_group(cx, self.group_name.as_deref(), self.group_id.as_deref())?;
            changed.placement_group = group.map(|group| group.id);
            changed.partition_number = None;
        }
        let group = changed.placement_group.and_then(|id| cx.region.get::<PlacementGroup>(id));
        check_partition(group, self.partition_number)?;
        if let (Some(group), Some(of)) = (group, instance_type::find(&instance.instance_type)) {
            check_group(group, of, instance.tenancy)?;
            let number = self.partition_number.or(changed.partition_number);
            changed.partition_number = place(cx, group.id, &instance.availability_zone, number, Some(instance.id))?;
        }
        cx.region.put(changed);
        Ok(Reply::TRUE)
    }
}

/// ModifyPrivateDnsNameOptions: the kind of name can be changed while the instance is stopped only.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifyPrivateDnsNameOptions {
    instance_id: String,
    private_dns_hostname_type: Option<HostnameType>,
    enable_resource_name_dns_a_record: Option<bool>,
    #[serde(rename = "EnableResourceNameDnsAAAARecord")]
    enable_resource_name_dns_aaaa_record: Option<bool>,
}

impl Action for ModifyPrivateDnsNameOptions {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let instance = find(cx, &self.instance_id)?;
        let changes = PrivateDnsNameOptionsRequest {
            hostname_type: self.private_dns_hostname_type,
            enable_resource_name_dns_a_record: self.enable_resource_name_dns_a_record,
            enable_resource_name_dns_aaaa_record: self.enable_resource_name_dns_aaaa_record,
        };
        check_there(instance)?;
        if self.private_dns_hostname_type.is_some_and(|wanted| wanted != instance.private_dns.hostname_type) {
            check_stopped(instance)?;
        }
        let (id, options) = (instance.id, changes.over(instance.private_dns.clone()));
        cx.region.update(id, |instance: &mut Instance| instance.private_dns = options);
        Ok(Reply::TRUE)
    }
}
