//! RegisterImage, CopyImage, DeregisterImage.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ImageId, SnapshotId};

use super::{Architecture, BootMode, Device, DeviceVolume, Image, alias, by_id, not_found, own, public};
use crate::action::{Action, Context};
use crate::client_token::made_before;
use crate::clock::Transition;
use crate::error::Refusal;
use crate::family::instance::{BlockDeviceMapping, default_key};
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::volume::VolumeSpecification;
use crate::family::zone;
use crate::state::{Region, Tags};
use crate::wire::Items;

/// RegisterImage: an image with a root volume from a snapshot.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct RegisterImage {
    name: String,
    description: Option<String>,
    #[serde(default)]
    architecture: ImageArchitecture,
    root_device_name: Option<String>,
    #[serde(rename = "BlockDeviceMapping", default)]
    block_device_mappings: Vec<BlockDeviceMapping>,
    /// EC2 takes `paravirtual` where nothing is said.
    virtualization_type: Option<String>,
    sriov_net_support: Option<String>,
    #[serde(default)]
    ena_support: bool,
    boot_mode: Option<BootMode>,
    tpm_support: Option<Version2>,
    imds_support: Option<Version2>,
    uefi_data: Option<String>,
    image_location: Option<String>,
    kernel_id: Option<String>,
    ramdisk_id: Option<String>,
    #[serde(rename = "BillingProduct", default)]
    billing_products: Vec<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ImageArchitecture {
    #[default]
    I386,
    #[serde(rename = "x86_64")]
    X86_64,
    Arm64,
    #[serde(rename = "x86_64_mac")]
    X86_64Mac,
    Arm64Mac,
}

#[derive(Clone, Copy, Deserialize)]
enum Version2 {
    #[serde(rename = "v2.0")]
    V2,
}

impl Version2 {
    fn text(self) -> String {
        "v2.0".to_owned()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewImage {
    image_id: ImageId,
}

/// # Errors
/// `InvalidAMIName.Malformed`, or `InvalidAMIName.Duplicate` for the name of another image of the account.
fn check_name(cx: &Context<'_>, name: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.len()) || !name.chars().all(is_allowed) {
        let message = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', \
                       '.', '-', '/' and '_'";
        return Err(Refusal::new("InvalidAMIName.Malformed", message.to_owned()));
    }
    match cx.region.by_alias::<Image>(&alias(name)) {
        Some(other) => {
            let message = format!("AMI name {name} is already in use by AMI {}", other.id);
            Err(Refusal::new("InvalidAMIName.Duplicate", message))
        }
        None => Ok(()),
    }
}

/// The volume that an image of the region, public or of the account, keeps in this snapshot. Others are not here.
fn snapshot(cx: &Context<'_>, id: &str) -> Result<VolumeSpecification, Refusal> {
    let missing = || Refusal::new("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist."));
    let parsed: SnapshotId = id.parse().map_err(|_| {
        let message = format!("Value ({id}) for parameter snapshotId is invalid. Expected: 'snap-...'.");
        Refusal::invalid_parameter_value(message)
    })?;
    let images = cx.region.all::<Image>().cloned().chain(public(cx.region_name));
    let volumes = images.flat_map(|image| image.devices).filter_map(|device| device.volume);
    let mut specifications = volumes.map(|volume| volume.specification);
    specifications.find(|specification| specification.snapshot_id == Some(parsed)).ok_or_else(missing)
}

impl RegisterImage {
    fn check(&self) -> Result<Architecture, Refusal> {
        let unsupported = |message: &str| Err(Refusal::new("UnsupportedOperation", message.to_owned()));
        if self.image_location.is_some() {
            return unsupported("Instance store-backed images are not supported.");
        }
        match self.virtualization_type.as_deref() {
            Some("hvm") => {}
            None | Some("paravirtual") => {
                return unsupported("Images of virtualization type 'paravirtual' are not supported.");
            }
            Some(other) => {
                let message = format!("Invalid value '{other}' for virtualizationType.");
                return Err(Refusal::invalid_parameter_value(message));
            }
        }
        if self.kernel_id.is_some() || self.ramdisk_id.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "A kernel or RAM disk may not be specified for an image of virtualization type 'hvm'.",
            ));
        }
        if self.uefi_data.is_some() {
            return unsupported("UEFI variable stores are not supported.");
        }
        if !self.billing_products.is_empty() {
            let message = "Your account is not authorized to specify billing products.".to_owned();
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        if self.tpm_support.is_some() && self.boot_mode != Some(BootMode::Uefi) {
            return Err(Refusal::invalid_parameter_combination("TPM support requires the boot mode 'uefi'."));
        }
        if let Some(other) = self.sriov_net_support.as_deref().filter(|text| *text != "simple") {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{other}' for sriovNetSupport.")));
        }
        match self.architecture {
            ImageArchitecture::I386 => Ok(Architecture::I386),
            ImageArchitecture::X86_64 => Ok(Architecture::X86_64),
            ImageArchitecture::Arm64 => Ok(Architecture::Arm64),
            _ => unsupported("Images of macOS are not supported."),
        }
    }

    fn devices(&self, cx: &Context<'_>) -> Result<Vec<Device>, Refusal> {
        let invalid = |message: String| Refusal::new("InvalidBlockDeviceMapping", message);
        let mut devices: Vec<Device> = Vec::new();
        for mapping in &self.block_device_mappings {
            let device_name = mapping.device_name.clone().ok_or_else(|| Refusal::missing_parameter("deviceName"))?;
            if devices.iter().any(|device| device.device_name == device_name) {
                return Err(invalid(format!(
                    "The device '{device_name}' is used in more than one block-device mapping"
                )));
            }
            if mapping.no_device.is_some() {
                continue;
            }
            let volume = mapping.ebs.as_ref().map(|ebs| {
                if ebs.encrypted.is_some() || ebs.kms_key_id.is_some() {
                    return Err(invalid("The encryption of an image's volumes is that of their snapshots".to_owned()));
                }
                let of_snapshot = ebs.snapshot_id.as_deref().map(|id| snapshot(cx, id)).transpose()?;
                let specification = ebs.specification(of_snapshot.as_ref())?;
                Ok(DeviceVolume { delete_on_termination: ebs.delete_on_termination.unwrap_or(true), specification })
            });
            devices.push(Device {
                device_name,
                virtual_name: mapping.virtual_name.clone(),
                volume: volume.transpose()?,
            });
        }
        let root = self.root_device_name.as_deref();
        let root = root.and_then(|root| devices.iter().find(|device| device.device_name == root));
        let of_snapshot = root.and_then(|root| root.volume.as_ref()?.specification.snapshot_id);
        if of_snapshot.is_none() {
            return Err(invalid("No root snapshot specified in device mapping.".to_owned()));
        }
        Ok(devices)
    }
}

impl Action for RegisterImage {
    type Response = NewImage;

    fn run(self, cx: &mut Context<'_>) -> Result<NewImage, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["image"], "image")?;
        check_name(cx, &self.name)?;
        let architecture = RegisterImage::check(&self)?;
        let devices = self.devices(cx)?;
        let image = Image {
            id: cx.new_id(),
            owner_id: cx.account_id().to_owned(),
            owner_alias: None,
            name: self.name,
            description: self.description.filter(|text| !text.is_empty()),
            architecture,
            root_device_name: self.root_device_name.unwrap_or_default(),
            devices,
            boot_mode: self.boot_mode,
            tpm_support: self.tpm_support.map(Version2::text),
            imds_support: self.imds_support.map(Version2::text),
            ena_support: self.ena_support,
            sriov_net_support: self.sriov_net_support.is_some(),
            creation_date: cx.now.to_string(),
            available_from: cx.now,
            permissions: BTreeSet::new(),
            source: None,
            is_deregistered: false,
            tags,
        };
        let image_id = image.id;
        cx.region.put(image);
        Ok(NewImage { image_id })
    }
}

/// CopyImage: into the region that is asked.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CopyImage {
    name: String,
    source_image_id: String,
    source_region: String,
    description: Option<String>,
    encrypted: Option<bool>,
    kms_key_id: Option<String>,
    #[serde(default)]
    copy_image_tags: bool,
    destination_outpost_arn: Option<String>,
    destination_availability_zone: Option<String>,
    destination_availability_zone_id: Option<String>,
    snapshot_copy_completion_duration_minutes: Option<i64>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
    client_token: Option<String>,
}

const COPY: &str = "CopyImage";

impl CopyImage {
    fn check(&self) -> Result<(), Refusal> {
        let unsupported = |message: &str| Err(Refusal::new("UnsupportedOperation", message.to_owned()));
        if self.destination_outpost_arn.is_some() {
            return unsupported("There is no Outpost in this account.");
        }
        if self.destination_availability_zone.is_some() || self.destination_availability_zone_id.is_some() {
            return unsupported("Images are copied to Local Zones only; this account has none.");
        }
        if self.kms_key_id.is_some() && self.encrypted != Some(true) {
            return Err(Refusal::new(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.".to_owned(),
            ));
        }
        match self.snapshot_copy_completion_duration_minutes {
            Some(minutes) if !(15..=2_880).contains(&minutes) || minutes % 15 != 0 => {
                Err(Refusal::invalid_parameter_value(format!(
                    "Invalid value '{minutes}' for snapshotCopyCompletionDurationMinutes. Expecting a multiple of 15 \
                     between 15 and 2880."
                )))
            }
            _ => Ok(()),
        }
    }

    fn source(&self, cx: &Context<'_>) -> Result<Image, Refusal> {
        if !zone::is_region(&self.source_region) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Invalid value '{}' for sourceRegion.",
                self.source_region
            )));
        }
        let empty = Region::default();
        let region = if self.source_region == cx.region_name {
            &cx.region
        } else {
            cx.state.regions.get(&self.source_region).unwrap_or(&empty)
        };
        let found = by_id(region, &self.source_region, &self.source_image_id)?;
        let image = found.filter(|image| !image.is_deregistered);
        image.ok_or_else(|| not_found(&[&self.source_image_id]))
    }

    /// The source's tags that come along, under those of the request.
    fn tags(&self, source: &Image) -> Result<Tags, Refusal> {
        let mut tags = if self.copy_image_tags { source.tags.clone() } else { Tags::new() };
        tags.extend(specified_tags(&self.tag_specifications, &["image", "snapshot"], "image")?);
        Ok(tags)
    }

    /// Copies each snapshot, and encrypts it where that is asked for.
    fn copy_devices(&self, cx: &mut Context<'_>, image: &mut Image) {
        let key = match (&self.kms_key_id, self.encrypted) {
            (Some(key), _) => Some(key.clone()),
            (None, Some(true)) => Some(default_key(cx)),
            (None, _) => None,
        };
        for volume in image.devices.iter_mut().filter_map(|device| device.volume.as_mut()) {
            let specification = &mut volume.specification;
            if specification.snapshot_id.is_some() {
                specification.snapshot_id = Some(cx.new_id());
            }
            if key.is_some() {
                specification.kms_key_id.clone_from(&key);
            }
        }
    }
}

impl Action for CopyImage {
    type Response = NewImage;

    fn run(self, cx: &mut Context<'_>) -> Result<NewImage, Refusal> {
        let token = self.client_token.as_deref();
        if let Some(image) = made_before::<Image>(cx, COPY, token)? {
            return Ok(NewImage { image_id: image.id });
        }
        CopyImage::check(&self)?;
        check_name(cx, &self.name)?;
        let source = self.source(cx)?;
        let tags = self.tags(&source)?;
        let mut image = Image {
            id: cx.new_id(),
            owner_id: cx.account_id().to_owned(),
            owner_alias: None,
            name: self.name.clone(),
            description: self.description.clone().or(source.description).filter(|text| !text.is_empty()),
            creation_date: cx.now.to_string(),
            available_from: cx.end_of(Transition::CopyImage),
            permissions: BTreeSet::new(),
            source: Some((source.id, self.source_region.clone())),
            tags,
            ..source
        };
        self.copy_devices(cx, &mut image);
        let image_id = image.id;
        cx.region.put(image);
        cx.remember(COPY, token, vec![image_id.into()]);
        Ok(NewImage { image_id })
    }
}

/// DeregisterImage. Instances of the image stay.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeregisterImage {
    image_id: String,
    #[serde(default)]
    delete_associated_snapshots: bool,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeregisterImageResponse {
    r#return: bool,
    delete_snapshot_result_set: Option<Items<SnapshotDeletion>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotDeletion {
    snapshot_id: SnapshotId,
    return_code: &'static str,
}

impl Action for DeregisterImage {
    type Response = DeregisterImageResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let image = own(cx, &self.image_id)?;
        let id = image.id;
        let snapshots: Vec<SnapshotId> =
            image.volumes().filter_map(|(_, volume)| volume.specification.snapshot_id).collect();
        let is_shared = |snapshot: SnapshotId| {
            let others = cx.region.all::<Image>().filter(|other| other.id != id && !other.is_deregistered).cloned();
            others
                .chain(public(cx.region_name))
                .any(|other| other.volumes().any(|(_, volume)| volume.specification.snapshot_id == Some(snapshot)))
        };
        let deletion = |snapshot_id| SnapshotDeletion {
            snapshot_id,
            return_code: if is_shared(snapshot_id) { "skipped" } else { "success" },
        };
        let deletions: Vec<SnapshotDeletion> = snapshots.into_iter().map(deletion).collect();
        let deleted: Vec<SnapshotId> = deletions
            .iter()
            .filter(|deletion| self.delete_associated_snapshots && deletion.return_code == "success")
            .map(|deletion| deletion.snapshot_id)
            .collect();
        cx.region.update(id, |image: &mut Image| {
            image.is_deregistered = true;
            image.tags.clear();
            let is_deleted = |volume: &DeviceVolume| {
                volume.specification.snapshot_id.is_some_and(|snapshot| deleted.contains(&snapshot))
            };
            image.devices.retain(|device| !device.volume.as_ref().is_some_and(is_deleted));
        });
        Ok(DeregisterImageResponse {
            r#return: true,
            delete_snapshot_result_set: self.delete_associated_snapshots.then(|| deletions.into()),
        })
    }
}
