//! DescribeImages.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ImageId, SnapshotId};

use super::{Image, all, by_id, not_found};
use crate::action::{Action, Context};
use crate::describe::{
    Filter, FilterTable, Page, any_matches, check_filters, flag, optional, paginate, passes_untagged, text,
};
use crate::error::Refusal;
use crate::family::tag::TagItem;
use crate::wire::Items;

/// AWS calls itself and its verified partners, of which Canonical is one, `amazon`.
const OWNER_ALIAS: &str = "amazon";
const STATE: &str = "available";
const IMAGE_TYPE: &str = "machine";
const SRIOV_NET_SUPPORT: &str = "simple";

impl Image {
    fn location(&self) -> String {
        format!("{OWNER_ALIAS}/{}", self.entry.name)
    }

    fn devices(&self) -> Vec<String> {
        let ephemeral = self.entry.ephemeral_devices.iter();
        std::iter::once(&self.entry.root_device_name).chain(ephemeral).map(|device| (*device).to_owned()).collect()
    }

    /// Whether one of a request's owners owns it.
    fn is_owned_by(&self, owners: &[String], account_id: &str) -> bool {
        owners.iter().any(|owner| match owner.as_str() {
            "self" => self.entry.owner_id == account_id,
            owner => owner == OWNER_ALIAS || owner == self.entry.owner_id,
        })
    }

    const FILTERS: FilterTable<Self> = &[
        ("architecture", |image, _| text(image.architecture().as_str())),
        ("block-device-mapping.delete-on-termination", |_, _| flag(true)),
        ("block-device-mapping.device-name", |image, _| image.devices()),
        ("block-device-mapping.encrypted", |_, _| flag(false)),
        ("block-device-mapping.snapshot-id", |image, _| text(image.snapshot_id)),
        ("block-device-mapping.volume-size", |image, _| text(image.volume_size())),
        ("block-device-mapping.volume-type", |image, _| text(image.volume_type())),
        ("boot-mode", |image, _| optional(image.boot_mode())),
        ("creation-date", |image, _| text(image.entry.creation_date)),
        ("description", |image, _| text(image.entry.description)),
        ("ena-support", |_, _| flag(true)),
        ("hypervisor", |_, _| text(Self::HYPERVISOR)),
        ("image-id", |image, _| text(image.id)),
        ("image-type", |_, _| text(IMAGE_TYPE)),
        ("is-public", |_, _| flag(true)),
        ("kernel-id", |_, _| Vec::new()),
        ("manifest-location", |image, _| text(image.location())),
        ("name", |image, _| text(image.entry.name)),
        ("owner-alias", |_, _| text(OWNER_ALIAS)),
        ("owner-id", |image, _| text(image.entry.owner_id)),
        ("platform", |_, _| Vec::new()),
        ("platform-details", |_, _| text(Self::PLATFORM_DETAILS)),
        ("product-code", |_, _| Vec::new()),
        ("product-code.type", |_, _| Vec::new()),
        ("ramdisk-id", |_, _| Vec::new()),
        ("root-device-name", |image, _| text(image.root_device_name())),
        ("root-device-type", |_, _| text(Self::ROOT_DEVICE_TYPE)),
        ("source-image-id", |_, _| Vec::new()),
        ("source-image-region", |_, _| Vec::new()),
        ("source-instance-id", |_, _| Vec::new()),
        ("sriov-net-support", |_, _| text(SRIOV_NET_SUPPORT)),
        ("state", |_, _| text(STATE)),
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
    image_owner_id: &'static str,
    creation_date: &'static str,
    is_public: bool,
    architecture: &'static str,
    image_type: &'static str,
    sriov_net_support: &'static str,
    image_owner_alias: &'static str,
    name: &'static str,
    description: &'static str,
    root_device_type: &'static str,
    root_device_name: &'static str,
    block_device_mapping: Items<BlockDevice>,
    virtualization_type: &'static str,
    tag_set: Items<TagItem>,
    hypervisor: &'static str,
    ena_support: bool,
    platform_details: &'static str,
    usage_operation: &'static str,
    boot_mode: Option<&'static str>,
    imds_support: Option<&'static str>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockDevice {
    device_name: &'static str,
    virtual_name: Option<String>,
    ebs: Option<EbsBlockDevice>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EbsBlockDevice {
    snapshot_id: SnapshotId,
    volume_size: u32,
    delete_on_termination: bool,
    volume_type: &'static str,
    iops: Option<u32>,
    throughput: Option<u32>,
    encrypted: bool,
}

impl EbsBlockDevice {
    fn root_of(image: &Image) -> Self {
        // What gp3 gives without extra cost; Canonical's images leave it out.
        let amazon_gp3 = image.volume_type() == "gp3" && image.entry.ephemeral_devices.is_empty();
        Self {
            snapshot_id: image.snapshot_id,
            volume_size: image.volume_size(),
            delete_on_termination: true,
            volume_type: image.volume_type(),
            iops: amazon_gp3.then_some(3_000),
            throughput: amazon_gp3.then_some(125),
            encrypted: false,
        }
    }
}

impl ImageItem {
    fn new(image: &Image) -> Self {
        let entry = image.entry;
        let root = BlockDevice {
            device_name: entry.root_device_name,
            virtual_name: None,
            ebs: Some(EbsBlockDevice::root_of(image)),
        };
        let ephemeral = entry.ephemeral_devices.iter().enumerate().map(|(number, device_name)| BlockDevice {
            device_name,
            virtual_name: Some(format!("ephemeral{number}")),
            ebs: None,
        });
        Self {
            image_id: image.id,
            image_location: image.location(),
            image_state: STATE,
            image_owner_id: entry.owner_id,
            creation_date: entry.creation_date,
            is_public: true,
            architecture: entry.architecture.as_str(),
            image_type: IMAGE_TYPE,
            sriov_net_support: SRIOV_NET_SUPPORT,
            image_owner_alias: OWNER_ALIAS,
            name: entry.name,
            description: entry.description,
            root_device_type: Image::ROOT_DEVICE_TYPE,
            root_device_name: entry.root_device_name,
            block_device_mapping: std::iter::once(root).chain(ephemeral).collect(),
            virtualization_type: Image::VIRTUALIZATION_TYPE,
            tag_set: Items::default(),
            hypervisor: Image::HYPERVISOR,
            ena_support: true,
            platform_details: Image::PLATFORM_DETAILS,
            usage_operation: Image::USAGE_OPERATION,
            boot_mode: entry.boot_mode,
            imds_support: entry.imds_support,
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
        let is_account = |user: &str| user.len() == 12 && user.bytes().all(|byte| byte.is_ascii_digit());
        let owners = self.owners.iter().map(|owner| (owner, ["self", "amazon", "aws-marketplace"].as_slice()));
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

    /// The images with the ids of the request, or all where it names none.
    fn named(&self, region_name: &str) -> Result<Vec<Image>, Refusal> {
        if self.image_ids.is_empty() {
            return Ok(all(region_name).collect());
        }
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for text in &self.image_ids {
            match by_id(region_name, text)? {
                Some(image) => found.push(image),
                None => unknown.push(text.as_str()),
            }
        }
        if unknown.is_empty() { Ok(found) } else { Err(not_found(&unknown)) }
    }
}

impl Action for DescribeImages {
    type Response = DescribeImagesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, Image::FILTERS.iter().map(|(name, _)| *name))?;
        self.check_users()?;
        self.check_page()?;
        let mut images = self.named(cx.region_name)?;
        images.retain(|image| {
            (self.owners.is_empty() || image.is_owned_by(&self.owners, cx.account_id()))
                // Public images are for all; nobody has shared one with an account.
                && (self.executable_users.is_empty() || any_matches(&self.executable_users, &text("all")))
                && passes_untagged(image, &self.filters, Image::FILTERS, cx)
        });
        images.sort_by_key(|image| image.id);
        images.dedup_by_key(|image| image.id);
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (images, next_token) = paginate(images, &page, |image| image.id.to_string())?;
        Ok(DescribeImagesResponse { images_set: images.iter().map(ImageItem::new).collect(), next_token })
    }
}
