//! What a launch can be told, by RunInstances and by launch templates alike.
//!
//! Sources: RunInstances, RequestLaunchTemplateData in the EC2 API Reference. The two agree in the wire names of what they share;
//! `RamDiskId` is the exception.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::ShutdownBehavior;
use super::credit::CreditSpecification;
use super::interface::InterfaceSpecification;
use super::launch::{TAGGABLE, check_user_data};
use super::metadata::MetadataOptionsRequest;
use super::profile::InstanceProfileSpecification;
use super::volume::BlockDeviceMapping;
use crate::error::Refusal;
use crate::family::instance_type;
use crate::family::network_interface::Ipv6AddressParameter;
use crate::family::subnet::{HostnameType, PrivateDnsNameOptions};
use crate::family::tag::{TagSpecification, specified_tags};

/// The members of RunInstances but those that say how often (counts), from where (launch template) and which try it is (token).
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LaunchParameters {
    pub(super) image_id: Option<String>,
    pub(super) instance_type: Option<String>,
    pub(super) key_name: Option<String>,
    #[serde(rename = "SecurityGroupId", default)]
    pub(super) group_ids: Vec<String>,
    #[serde(rename = "SecurityGroup", default)]
    pub(super) group_names: Vec<String>,
    pub(super) subnet_id: Option<String>,
    pub(super) private_ip_address: Option<String>,
    #[serde(rename = "Ipv6Address", default)]
    pub(super) ipv6_addresses: Vec<Ipv6AddressParameter>,
    pub(super) ipv6_address_count: Option<u16>,
    pub(super) enable_primary_ipv6: Option<bool>,
    #[serde(default)]
    pub(super) placement: Placement,
    #[serde(rename = "NetworkInterface", default)]
    pub(super) network_interfaces: Vec<InterfaceSpecification>,
    pub(super) user_data: Option<String>,
    #[serde(default)]
    pub(super) disable_api_termination: bool,
    #[serde(default)]
    pub(super) disable_api_stop: bool,
    #[serde(default)]
    pub(super) instance_initiated_shutdown_behavior: ShutdownBehavior,
    #[serde(default)]
    pub(super) ebs_optimized: bool,
    #[serde(default)]
    pub(super) monitoring: Enabled,
    #[serde(default)]
    pub(super) metadata_options: MetadataOptionsRequest,
    pub(super) iam_instance_profile: Option<InstanceProfileSpecification>,
    #[serde(rename = "BlockDeviceMapping", default)]
    pub(super) block_device_mappings: Vec<BlockDeviceMapping>,
    #[serde(rename = "TagSpecification", default)]
    pub(super) tag_specifications: Vec<TagSpecification>,
    pub(super) credit_specification: Option<CreditSpecification>,
    #[serde(default)]
    pub(super) cpu_options: CpuOptionsRequest,
    #[serde(default)]
    pub(super) hibernation_options: Configured,
    #[serde(default)]
    pub(super) enclave_options: Enabled,
    #[serde(default)]
    pub(super) maintenance_options: MaintenanceOptionsRequest,
    #[serde(default)]
    pub(super) private_dns_name_options: PrivateDnsNameOptionsRequest,
    #[serde(default)]
    pub(super) capacity_reservation_specification: CapacityReservationSpecification,
    #[serde(default)]
    pub(super) network_performance_options: NetworkPerformanceOptions,
    pub(super) instance_market_options: Option<InstanceMarketOptions>,
    pub(super) instance_requirements: Option<super::requirements::InstanceRequirements>,
    pub(super) kernel_id: Option<String>,
    #[serde(alias = "RamDiskId")]
    pub(super) ramdisk_id: Option<String>,
    #[serde(rename = "ElasticGpuSpecification", default)]
    pub(super) elastic_gpus: Vec<Accelerator>,
    #[serde(rename = "ElasticInferenceAccelerator", default)]
    pub(super) elastic_inference_accelerators: Vec<Accelerator>,
    #[serde(rename = "LicenseSpecification", default)]
    pub(super) licenses: Vec<License>,
    #[serde(rename = "SecondaryInterface", default)]
    pub(super) secondary_interfaces: Vec<SecondaryInterface>,
    pub(super) additional_info: Option<String>,
    pub(super) operator: Option<OperatorRequest>,
}

impl LaunchParameters {
    /// What EC2 checks when a launch template is made, rather than when it is used.
    ///
    /// # Errors
    /// User data that is not Base64, a tag that no launch can give, or two ways to name the type.
    pub(crate) fn check_template(&self) -> Result<(), Refusal> {
        if self.instance_type.is_some() && self.instance_requirements.is_some() {
            return Err(Refusal::invalid_parameter_combination(
                "The parameter InstanceType cannot be used with the parameter InstanceRequirements",
            ));
        }
        // Which region offers it is seen at launch.
        if let Some(name) = self.instance_type.as_deref().filter(|name| instance_type::find(name).is_none()) {
            return Err(Refusal::invalid_parameter_value(format!("Invalid value '{name}' for InstanceType.")));
        }
        if let Some(data) = &self.user_data {
            check_user_data(data)?;
        }
        self.metadata_options.check()?;
        specified_tags(&self.tag_specifications, TAGGABLE, "instance").map(drop)
    }
}

/// An option that is on or off: `Monitoring.Enabled=true`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Enabled {
    #[serde(default)]
    pub(super) enabled: bool,
}

/// `HibernationOptions.Configured=true`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Configured {
    #[serde(default)]
    pub(super) configured: bool,
}

/// Where an instance is to run.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Placement {
    pub(super) availability_zone: Option<String>,
    pub(super) availability_zone_id: Option<String>,
    pub(super) tenancy: Option<TenancyRequest>,
    pub(super) group_name: Option<String>,
    pub(super) group_id: Option<String>,
    pub(super) partition_number: Option<u32>,
    pub(super) affinity: Option<String>,
    pub(super) host_id: Option<String>,
    pub(super) host_resource_group_arn: Option<String>,
    pub(super) spread_domain: Option<String>,
}

/// The tenancies that EC2 knows.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TenancyRequest {
    Default,
    Dedicated,
    Host,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CpuOptionsRequest {
    pub(super) core_count: Option<u32>,
    pub(super) threads_per_core: Option<u32>,
    pub(super) amd_sev_snp: Option<Switch>,
    pub(super) nested_virtualization: Option<Switch>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Switch {
    Enabled,
    Disabled,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct MaintenanceOptionsRequest {
    pub(super) auto_recovery: Option<super::Recovery>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PrivateDnsNameOptionsRequest {
    pub(super) hostname_type: Option<HostnameType>,
    pub(super) enable_resource_name_dns_a_record: Option<bool>,
    #[serde(rename = "EnableResourceNameDnsAAAARecord")]
    pub(super) enable_resource_name_dns_aaaa_record: Option<bool>,
}

impl PrivateDnsNameOptionsRequest {
    /// What is asked for over what is there.
    pub(super) fn over(&self, mut options: PrivateDnsNameOptions) -> PrivateDnsNameOptions {
        let set = |option: &mut bool, wanted: Option<bool>| *option = wanted.unwrap_or(*option);
        options.hostname_type = self.hostname_type.unwrap_or(options.hostname_type);
        set(&mut options.enable_resource_name_dns_a_record, self.enable_resource_name_dns_a_record);
        set(&mut options.enable_resource_name_dns_aaaa_record, self.enable_resource_name_dns_aaaa_record);
        options
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CapacityReservationSpecification {
    pub(super) capacity_reservation_preference: Option<super::CapacityPreference>,
    pub(super) capacity_reservation_target: Option<CapacityReservationTarget>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CapacityReservationTarget {
    pub(super) capacity_reservation_id: Option<String>,
    pub(super) capacity_reservation_resource_group_arn: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct NetworkPerformanceOptions {
    pub(super) bandwidth_weighting: Option<BandwidthWeighting>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
pub(super) enum BandwidthWeighting {
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "vpc-1")]
    Vpc,
    #[serde(rename = "ebs-1")]
    Ebs,
}

/// Read for its shape only: every instance here is on demand.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct InstanceMarketOptions {
    #[serde(rename = "MarketType")]
    _market_type: Option<MarketType>,
    #[serde(rename = "SpotOptions")]
    _spot_options: Option<SpotOptions>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MarketType {
    Spot,
    CapacityBlock,
    InterruptibleCapacityReservation,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SpotOptions {
    #[serde(rename = "MaxPrice")]
    _max_price: Option<String>,
    #[serde(rename = "SpotInstanceType")]
    _spot_instance_type: Option<SpotInstanceType>,
    #[serde(rename = "BlockDurationMinutes")]
    _block_duration_minutes: Option<i64>,
    #[serde(rename = "ValidUntil", default, deserialize_with = "moment")]
    _valid_until: Option<jiff::Timestamp>,
    #[serde(rename = "InstanceInterruptionBehavior")]
    _instance_interruption_behavior: Option<InterruptionBehavior>,
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<jiff::Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let invalid = |_| D::Error::custom(format!("Invalid value '{text}' for validUntil."));
    text.parse().map(Some).map_err(invalid)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SpotInstanceType {
    OneTime,
    Persistent,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum InterruptionBehavior {
    Hibernate,
    Stop,
    Terminate,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Accelerator {
    #[serde(rename = "Type")]
    _kind: String,
    #[serde(rename = "Count")]
    _count: Option<u32>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct License {
    #[serde(rename = "LicenseConfigurationArn")]
    _license_configuration_arn: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SecondaryInterface {
    #[serde(rename = "DeleteOnTermination")]
    _delete_on_termination: Option<bool>,
    #[serde(rename = "DeviceIndex")]
    _device_index: Option<u32>,
    #[serde(rename = "PrivateIpAddress", default)]
    _private_ip_addresses: Vec<SecondaryAddress>,
    #[serde(rename = "PrivateIpAddressCount")]
    _private_ip_address_count: Option<u32>,
    #[serde(rename = "SecondarySubnetId")]
    _secondary_subnet_id: Option<String>,
    #[serde(rename = "InterfaceType")]
    _interface_type: Option<SecondaryInterfaceType>,
    #[serde(rename = "NetworkCardIndex")]
    _network_card_index: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SecondaryInterfaceType {
    Secondary,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SecondaryAddress {
    #[serde(rename = "PrivateIpAddress")]
    _private_ip_address: String,
}

/// For the use of AWS's own services.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OperatorRequest {
    #[serde(rename = "Principal")]
    _principal: Option<String>,
}
