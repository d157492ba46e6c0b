//! DescribeImages.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ImageId, SnapshotId};

use super::permission::{LaunchPermission, is_account};
use super::{DeviceVolume, Image, by_id, not_found, public};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, flag, optional, paginate, passes, text};
use crate::error::Refusal;
use crate::family::tag::{TagItem, tag_set};
use crate::family::volume::VolumeType;
use crate::wire::Items;

const IMAGE_TYPE: &str = "machine";
const SRIOV_NET_SUPPORT: &str = "simple";

fn of_volumes<T: ToString>(image: &Image, value: impl Fn(&DeviceVolume) -> Option<T>) -> Vec<String> {
    image.volumes().filter_map(|(_, volume)| value(volume)).map(|value| value.to_string()).collect()
}

impl Image {
    fn location(&self) -> String {
        format!("{}/{}", self.owner_alias.as_ref().unwrap_or(&self.owner_id), self.name)
    }

    fn state(&self, cx: &Context<'_>) -> &'static str {
        if cx.now < self.available_from { "pending" } else { "available" }
    }

    fn is_public(&self) -> bool {
        self.permissions.contains(&LaunchPermission::All)
    }

    /// Whether one of a request's owners owns it.
    fn is_owned_by(&self, owners: &[String], account_id: &str) -> bool {
        owners.iter().any(|owner| match owner.as_str() {
            "self" => self.owner_id == account_id,
            owner => Some(owner) == self.owner_alias.as_deref() || owner == self.owner_id,
        })
    }

    /// Whether one of a request's users was given it: all, or somebody by name. What the account itself owns is not shared with
    /// it.
    fn is_executable_by(&self, users: &[String]) -> bool {
        users.iter().any(|user| match user.as_str() {
            "all" => self.is_public(),
            "self" => false,
            user => self.permissions.contains(&LaunchPermission::User(user.to_owned())),
        })
    }

    const FILTERS: FilterTable<Self> = &[
        ("architecture", |image, _| text(image.architecture().as_str())),
        ("block-device-mapping.delete-on-termination", |image, _| {
            of_volumes(image, |volume| Some(volume.delete_on_termination))
        }),
        ("block-device-mapping.device-name", |image, _| {
            image.devices.iter().map(|device| device.device_name.clone()).collect()
        }),
        ("block-device-mapping.encrypted", |image, _| {
            of_volumes(image, |volume| Some(volume.specification.kms_key_id.is_some()))
        }),
        ("block-device-mapping.snapshot-id", |image, _| of_volumes(image, |volume| volume.specification.snapshot_id)),
        ("block-device-mapping.volume-size", |image, _| of_volumes(image, |volume| Some(volume.specification.size))),
        ("block-device-mapping.volume-type", |image, _| {
            of_volumes(image, |volume| Some(volume.specification.volume_type.as_str()))
        }),
        ("boot-mode", |image, _| optional(image.boot_mode())),
        ("creation-date", |image, _| text(&image.creation_date)),
        ("description", |image, _| optional(image.description.as_deref())),
        ("ena-support", |image, _| flag(image.ena_support)),
        ("free-tier-eligible", |image, _| flag(image.owner_alias.is_some())),
        ("hypervisor", |_, _| text(Self::HYPERVISOR)),
        ("image-allowed", |_, _| flag(true)),
        ("image-id", |image, _| text(image.id)),
        ("image-type", |_, _| text(IMAGE_TYPE)),
        ("is-public", |image, _| flag(image.is_public())),
        ("kernel-id", |_, _| Vec::new()),
        ("manifest-location", |image, _| text(image.location())),
        ("name", |image, _| text(&image.name)),
        ("owner-alias", |image, _| optional(image.owner_alias.as_deref())),
        ("owner-id", |image, _| text(&image.owner_id)),
        ("platform", |_, _| Vec::new()),
        ("platform-details", |_, _| text(Self::PLATFORM_DETAILS)),
        ("product-code", |_, _| Vec::new()),
        ("product-code.type", |_, _| Vec::new()),
        ("ramdisk-id", |_, _| Vec::new()),
        ("root-device-name", |image, _| text(image.root_device_name())),
        ("root-device-type", |_, _| text(Self::ROOT_DEVICE_TYPE)),
        ("source-image-id", |image, _| optional(image.source.as_ref().map(|(id, _)| id))),
        ("source-image-region", |image, _| optional(image.source.as_ref().map(|(_, region)| region))),
        ("source-instance-id", |_, _| Vec::new()),
        ("sriov-net-support", |image, _| optional(image.sriov_net_support.then_some(SRIOV_NET_SUPPORT))),
        ("state", |image, cx| text(image.state(cx))),
        ("state-reason-code", |_, _| Vec::new()),
        ("state-reason-message", |_, _| Vec::new()),
        ("usage-operation", |_, _| text(Self::USAGE_OPERATION)),
        ("virtualization-type", |_, _| text(Self::VIRTUALIZATION_TYPE)),
    ];
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageItem {
    image_id: ImageId,
    image_location: String,
    image_state: &'static str,
    image_owner_id: String,
    creation_date: String,
    is_public: bool,
    architecture: &'static str,
    image_type: &'static str,
    sriov_net_support: Option<&'static str>,
    image_owner_alias: Option<String>,
    name: String,
    description: Option<String>,
    root_device_type: &'static str,
    root_device_name: String,
    block_device_mapping: Items<BlockDevice>,
    virtualization_type: &'static str,
    tag_set: Items<TagItem>,
    hypervisor: &'static str,
    ena_support: Option<bool>,
    platform_details: &'static str,
    usage_operation: &'static str,
    boot_mode: Option<&'static str>,
    tpm_support: Option<String>,
    imds_support: Option<String>,
    source_image_id: Option<ImageId>,
    source_image_region: Option<String>,
    deregistration_protection: Option<&'static str>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockDevice {
    device_name: String,
    virtual_name: Option<String>,
    ebs: Option<EbsBlockDevice>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EbsBlockDevice {
    snapshot_id: Option<SnapshotId>,
    volume_size: u32,
    delete_on_termination: bool,
    volume_type: VolumeType,
    iops: Option<u32>,
    throughput: Option<u32>,
    encrypted: bool,
}

impl EbsBlockDevice {
    fn new(volume: &DeviceVolume) -> Self {
        let specification = &volume.specification;
        Self {
            snapshot_id: specification.snapshot_id,
            volume_size: specification.size,
            delete_on_termination: volume.delete_on_termination,
            volume_type: specification.volume_type,
            // What gp2 gives follows from the size.
            iops: specification.iops.filter(|_| specification.volume_type.iops().is_some()),
            throughput: specification.throughput,
            encrypted: specification.kms_key_id.is_some(),
        }
    }
}

impl ImageItem {
    fn new(image: &Image, cx: &Context<'_>) -> Self {
        let devices = image.devices.iter().map(|device| BlockDevice {
            device_name: device.device_name.clone(),
            virtual_name: device.virtual_name.clone(),
            ebs: device.volume.as_ref().map(EbsBlockDevice::new),
        });
        let is_own = image.owner_id == cx.account_id();
        Self {
            image_id: image.id,
            image_location: image.location(),
            image_state: image.state(cx),
            image_owner_id: image.owner_id.clone(),
            creation_date: image.creation_date.clone(),
            is_public: image.is_public(),
            architecture: image.architecture.as_str(),
            image_type: IMAGE_TYPE,
            sriov_net_support: image.sriov_net_support.then_some(SRIOV_NET_SUPPORT),
            image_owner_alias: image.owner_alias.clone(),
            name: image.name.clone(),
            description: image.description.clone(),
            root_device_type: Image::ROOT_DEVICE_TYPE,
            root_device_name: image.root_device_name.clone(),
            block_device_mapping: devices.collect(),
            virtualization_type: Image::VIRTUALIZATION_TYPE,
            tag_set: tag_set(&image.tags),
            hypervisor: Image::HYPERVISOR,
            ena_support: image.ena_support.then_some(true),
            platform_details: Image::PLATFORM_DETAILS,
            usage_operation: Image::USAGE_OPERATION,
            boot_mode: image.boot_mode(),
            tpm_support: image.tpm_support.clone(),
            imds_support: image.imds_support.clone(),
            source_image_id: image.source.as_ref().map(|(id, _)| *id),
            source_image_region: image.source.as_ref().map(|(_, region)| region.clone()),
            deregistration_protection: is_own.then_some("disabled"),
        }
    }
}

/// DescribeImages. None of the images here is deprecated or disabled, so that it changes nothing to include those.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeImages {
    #[serde(rename = "ImageId", default)]
    image_ids: Vec<String>,
    #[serde(rename = "Owner", default)]
    owners: Vec<String>,
    #[serde(rename = "ExecutableBy", default)]
    executable_users: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(rename = "IncludeDeprecated")]
    _include_deprecated: Option<bool>,
    #[serde(rename = "IncludeDisabled")]
    _include_disabled: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeImagesResponse {
    images_set: Items<ImageItem>,
    next_token: Option<String>,
}

impl DescribeImages {
    fn check_users(&self) -> Result<(), Refusal> {
        let owners = self
            .owners
            .iter()
            .map(|owner| (owner, ["self", "amazon", "aws-backup-vault", "aws-marketplace"].as_slice()));
        let users = self.executable_users.iter().map(|user| (user, ["self", "all"].as_slice()));
        for (user, words) in owners.chain(users) {
            if !words.contains(&user.as_str()) && !is_account(user) {
                return Err(Refusal::new("InvalidUserID.Malformed", format!("Invalid user id: \"{user}\"")));
            }
        }
        Ok(())
    }

    fn check_page(&self) -> Result<(), Refusal> {
        let Some(size) = self.max_results else { return Ok(()) };
        if !self.image_ids.is_empty() {
            let message = "The parameter imageIdsSet cannot be used with the parameter maxResults";
            return Err(Refusal::invalid_parameter_combination(message));
        }
        let expected = match size {
            ..5 => "greater than 5",
            5..=1_000 => return Ok(()),
            _ => "less than 1000",
        };
        Err(Refusal::invalid_parameter_value(format!(
            "Invalid value '{size}' for maxResults. Expecting a value {expected}."
        )))
    }

    /// The images with the ids of the request, or all where it names none. A deregistered one is known, but not shown.
    fn named(&self, cx: &Context<'_>) -> Result<Vec<Image>, Refusal> {
        let mut found = Vec::new();
        if self.image_ids.is_empty() {
            found.extend(public(cx.region_name).chain(cx.region.all::<Image>().cloned()));
        }
        let mut unknown = Vec::new();
        for text in &self.image_ids {
            match by_id(&cx.region, cx.region_name, text)? {
                Some(image) => found.push(image),
                None => unknown.push(text.as_str()),
            }
        }
        found.retain(|image| !image.is_deregistered);
        if unknown.is_empty() { Ok(found) } else { Err(not_found(&unknown)) }
    }
}

impl Action for DescribeImages {
    type Response = DescribeImagesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, Image::FILTERS.iter().map(|(name, _)| *name))?;
        self.check_users()?;
        self.check_page()?;
        let mut images = self.named(cx)?;
        images.retain(|image| {
            (self.owners.is_empty() || image.is_owned_by(&self.owners, cx.account_id()))
                && (self.executable_users.is_empty() || image.is_executable_by(&self.executable_users))
                && passes(image, &self.filters, Image::FILTERS, cx)
        });
        images.sort_by_key(|image| image.id);
        images.dedup_by_key(|image| image.id);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (images, next_token) = paginate(cx, images, &page, |image| image.id.to_string())?;
        let items = images.iter().map(|image| ImageItem::new(image, cx));
        Ok(DescribeImagesResponse { images_set: items.collect(), next_token })
    }
}
