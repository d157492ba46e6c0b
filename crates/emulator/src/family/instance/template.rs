//! What a launch template would hold to launch the like of an instance: GetLaunchTemplateData.

use super::{Instance, InstanceState};
use crate::action::Context;
use crate::error::Refusal;
use crate::family::launch_template::list;
use crate::family::network_interface::NetworkInterface;
use crate::family::placement_group::PlacementGroup;
use crate::family::volume::{Attachment, Volume};
use crate::wire::Tree;

fn leaf(value: impl ToString) -> Tree {
    Tree::Leaf(value.to_string())
}

/// A structure of the members that have a value.
fn structure<const N: usize>(members: [(&str, Option<Tree>); N]) -> Tree {
    let mut tree = Tree::default();
    for (name, child) in members {
        if let Some(child) = child {
            tree.put(name, child);
        }
    }
    tree
}

impl Instance {
    /// Its parameters, under the names that requests give them.
    ///
    /// # Errors
    /// `IncorrectInstanceState` for an instance that is gone.
    pub(crate) fn as_template(&self, cx: &Context<'_>) -> Result<Tree, Refusal> {
        if self.state == InstanceState::Terminated {
            let message = format!("The instance '{}' is not in a valid state for this operation.", self.id);
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
        let interfaces = self.interfaces(cx);
        let volumes = self.volumes(cx);
        let profile = self.profile.as_ref().map(|association| &association.profile.arn);
        let tags = structure([
            ("ResourceType", Some(leaf("instance"))),
            (
                "Tag",
                Some(list(
                    self.tags
                        .iter()
                        .filter(|(key, _)| !key.starts_with("aws:"))
                        .map(|(key, value)| structure([("Key", Some(leaf(key))), ("Value", Some(leaf(value)))])),
                )),
            ),
        ]);
        let has_tags = self.tags.keys().any(|key| !key.starts_with("aws:"));
        Ok(structure([
            ("EbsOptimized", Some(leaf(self.ebs_optimized))),
            ("IamInstanceProfile", profile.map(|arn| structure([("Arn", Some(leaf(arn)))]))),
            ("BlockDeviceMapping", Some(list(volumes.into_iter().map(device)))),
            ("NetworkInterface", Some(list(interfaces.into_iter().map(interface)))),
            ("ImageId", Some(leaf(self.image.id))),
            ("InstanceType", Some(leaf(&self.instance_type))),
            ("KeyName", self.key_name.as_ref().map(leaf)),
            ("Monitoring", Some(structure([("Enabled", Some(leaf(self.monitoring)))]))),
            ("Placement", Some(self.placement_tree(cx))),
            ("DisableApiTermination", Some(leaf(self.disable_api_termination))),
            ("DisableApiStop", Some(leaf(self.disable_api_stop))),
            ("InstanceInitiatedShutdownBehavior", Some(leaf(self.shutdown_behavior.as_str()))),
            ("UserData", self.user_data.as_ref().map(leaf)),
            ("TagSpecification", has_tags.then(|| list([tags]))),
            (
                "CpuOptions",
                self.cpu_options().map(|options| {
                    structure([
                        ("CoreCount", Some(leaf(options.core_count))),
                        ("ThreadsPerCore", Some(leaf(options.threads_per_core))),
                    ])
                }),
            ),
            (
                "CreditSpecification",
                self.cpu_credits.map(|credits| structure([("CpuCredits", Some(leaf(credits.as_str())))])),
            ),
            (
                "CapacityReservationSpecification",
                Some(structure([("CapacityReservationPreference", Some(leaf(self.capacity.as_str())))])),
            ),
            ("HibernationOptions", Some(structure([("Configured", Some(leaf(self.hibernation)))]))),
            ("EnclaveOptions", Some(structure([("Enabled", Some(leaf(self.enclave)))]))),
            ("MetadataOptions", Some(self.metadata_options.as_tree())),
            ("MaintenanceOptions", Some(structure([("AutoRecovery", Some(leaf(self.auto_recovery.as_str())))]))),
        ]))
    }

    fn placement_tree(&self, cx: &Context<'_>) -> Tree {
        let group = self.placement_group.and_then(|id| cx.region.get::<PlacementGroup>(id));
        structure([
            ("AvailabilityZone", Some(leaf(&self.availability_zone))),
            ("GroupName", Some(leaf(group.map(|group| group.name.as_str()).unwrap_or_default()))),
            ("PartitionNumber", self.partition_number.map(leaf)),
            ("Tenancy", Some(leaf(self.tenancy.as_str()))),
        ])
    }
}

fn device((volume, attachment): (&Volume, &Attachment)) -> Tree {
    let specification = &volume.specification;
    let ebs = structure([
        ("Encrypted", Some(leaf(specification.kms_key_id.is_some()))),
        ("DeleteOnTermination", Some(leaf(attachment.delete_on_termination))),
        ("Iops", specification.iops.map(leaf)),
        ("KmsKeyId", specification.kms_key_id.as_ref().map(leaf)),
        ("SnapshotId", specification.snapshot_id.map(leaf)),
        ("VolumeSize", Some(leaf(specification.size))),
        ("VolumeType", Some(leaf(specification.volume_type.as_str()))),
        ("Throughput", specification.throughput.map(leaf)),
    ]);
    structure([("DeviceName", Some(leaf(&attachment.device))), ("Ebs", Some(ebs))])
}

/// An interface like this one: in its subnet, with addresses of its own.
fn interface(interface: &NetworkInterface) -> Tree {
    let delete = interface.attachment.as_ref().is_some_and(|attachment| attachment.delete_on_termination);
    structure([
        ("AssociatePublicIpAddress", Some(leaf(interface.associate_public_ip_address))),
        ("DeleteOnTermination", Some(leaf(delete))),
        ("Description", Some(leaf(&interface.description))),
        ("DeviceIndex", interface.device_index().map(leaf)),
        ("SecurityGroupId", Some(list(interface.groups.iter().map(leaf)))),
        ("InterfaceType", Some(leaf("interface"))),
        ("SubnetId", Some(leaf(interface.subnet_id))),
        ("NetworkCardIndex", Some(leaf(0))),
    ])
}
