//! DescribeInstanceTypes.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{INSTANCE_TYPES, InstanceType, find};
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, flag, paginate, passes_untagged, text};
use crate::error::Refusal;
use crate::wire::Items;

const MAX_PAGE: i64 = 100;

impl InstanceType {
    fn architectures(&self) -> Vec<&'static str> {
        self.family.architectures.iter().map(|architecture| architecture.as_str()).collect()
    }

    fn usage_classes(&self) -> &'static [&'static str] {
        // The one exception of the table.
        if self.name == "t2.nano" { &["on-demand"] } else { &["on-demand", "spot"] }
    }

    fn cores(&self) -> u32 {
        self.vcpus / self.family.threads_per_core
    }

    fn is_nitro(&self) -> bool {
        self.family.hypervisor == "nitro"
    }

    fn ena_support(&self) -> &'static str {
        if self.is_nitro() { "required" } else { "unsupported" }
    }

    fn ebs_optimized_support(&self) -> &'static str {
        if self.is_nitro() { "default" } else { "unsupported" }
    }

    const FILTERS: FilterTable<&'static Self> = &[
        ("auto-recovery-supported", |_, _| flag(true)),
        ("bare-metal", |_, _| flag(false)),
        ("burstable-performance-supported", |this, _| flag(this.family.burstable)),
        ("current-generation", |this, _| flag(this.family.current_generation)),
        ("dedicated-hosts-supported", |this, _| flag(this.family.dedicated_hosts)),
        ("ebs-info.ebs-optimized-support", |this, _| text(this.ebs_optimized_support())),
        ("ebs-info.encryption-support", |_, _| text("supported")),
        ("ebs-info.nvme-support", |this, _| text(this.ena_support())),
        ("free-tier-eligible", |this, _| flag(this.free_tier_eligible)),
        ("hibernation-supported", |this, _| flag(this.family.hibernation)),
        ("hypervisor", |this, _| text(this.family.hypervisor)),
        ("instance-storage-supported", |_, _| flag(false)),
        ("instance-type", |this, _| text(this.name)),
        ("memory-info.size-in-mib", |this, _| text(this.memory_mib)),
        ("network-info.efa-supported", |_, _| flag(false)),
        ("network-info.ena-support", |this, _| text(this.ena_support())),
        ("network-info.encryption-in-transit-supported", |this, _| flag(this.family.encryption_in_transit)),
        ("network-info.ipv4-addresses-per-interface", |this, _| text(this.ipv4_addresses_per_interface)),
        ("network-info.ipv6-addresses-per-interface", |this, _| text(this.ipv4_addresses_per_interface)),
        ("network-info.ipv6-supported", |_, _| flag(true)),
        ("network-info.maximum-network-cards", |_, _| text(1)),
        ("network-info.maximum-network-interfaces", |this, _| text(this.maximum_network_interfaces)),
        ("network-info.network-performance", |this, _| text(this.network_performance)),
        ("placement-group-info.supported-strategies", |this, _| texts(this.family.placement_strategies)),
        ("processor-info.supported-architecture", |this, _| texts(&this.architectures())),
        ("processor-info.sustained-clock-speed-in-ghz", |this, _| text(this.clock_speed_ghz)),
        ("supported-boot-mode", |this, _| texts(this.family.boot_modes)),
        ("supported-root-device-type", |_, _| text("ebs")),
        ("supported-usage-class", |this, _| texts(this.usage_classes())),
        ("supported-virtualization-type", |_, _| text("hvm")),
        ("vcpu-info.default-cores", |this, _| text(this.cores())),
        ("vcpu-info.default-threads-per-core", |this, _| text(this.family.threads_per_core)),
        ("vcpu-info.default-vcpus", |this, _| text(this.vcpus)),
    ];
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceTypeItem {
    instance_type: &'static str,
    current_generation: bool,
    free_tier_eligible: bool,
    supported_usage_classes: Items<&'static str>,
    supported_root_device_types: Items<&'static str>,
    supported_virtualization_types: Items<&'static str>,
    bare_metal: bool,
    hypervisor: &'static str,
    processor_info: ProcessorInfo,
    v_cpu_info: VCpuInfo,
    memory_info: MemoryInfo,
    instance_storage_supported: bool,
    ebs_info: EbsInfo,
    network_info: NetworkInfo,
    placement_group_info: PlacementGroupInfo,
    hibernation_supported: bool,
    burstable_performance_supported: bool,
    dedicated_hosts_supported: bool,
    auto_recovery_supported: bool,
    supported_boot_modes: Items<&'static str>,
    supported_in_region: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessorInfo {
    supported_architectures: Items<&'static str>,
    sustained_clock_speed_in_ghz: f64,
    manufacturer: &'static str,
}

#[derive(Serialize)]
struct VCpuInfo {
    #[serde(rename = "defaultVCpus")]
    default_vcpus: u32,
    #[serde(rename = "defaultCores")]
    default_cores: u32,
    #[serde(rename = "defaultThreadsPerCore")]
    default_threads_per_core: u32,
}

#[derive(Serialize)]
struct MemoryInfo {
    #[serde(rename = "sizeInMiB")]
    size_in_mib: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EbsInfo {
    ebs_optimized_support: &'static str,
    encryption_support: &'static str,
    nvme_support: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkInfo {
    network_performance: &'static str,
    maximum_network_interfaces: usize,
    maximum_network_cards: u32,
    default_network_card_index: u32,
    network_cards: Items<NetworkCard>,
    ipv4_addresses_per_interface: usize,
    ipv6_addresses_per_interface: usize,
    ipv6_supported: bool,
    ena_support: &'static str,
    efa_supported: bool,
    encryption_in_transit_supported: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkCard {
    network_card_index: u32,
    network_performance: &'static str,
    maximum_network_interfaces: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlacementGroupInfo {
    supported_strategies: Items<&'static str>,
}

impl NetworkInfo {
    fn new(of: &InstanceType) -> Self {
        let card = NetworkCard {
            network_card_index: 0,
            network_performance: of.network_performance,
            maximum_network_interfaces: of.maximum_network_interfaces,
        };
        Self {
            network_performance: of.network_performance,
            maximum_network_interfaces: of.maximum_network_interfaces,
            maximum_network_cards: 1,
            default_network_card_index: 0,
            network_cards: vec![card].into(),
            ipv4_addresses_per_interface: of.ipv4_addresses_per_interface,
            // The same number for all types of the table.
            ipv6_addresses_per_interface: of.ipv4_addresses_per_interface,
            ipv6_supported: true,
            ena_support: of.ena_support(),
            efa_supported: false,
            encryption_in_transit_supported: of.family.encryption_in_transit,
        }
    }
}

impl InstanceTypeItem {
    fn new(of: &InstanceType, region_name: &str) -> Self {
        let items = |values: &[&'static str]| values.to_vec().into();
        Self {
            instance_type: of.name,
            current_generation: of.family.current_generation,
            free_tier_eligible: of.free_tier_eligible,
            supported_usage_classes: items(of.usage_classes()),
            supported_root_device_types: items(&["ebs"]),
            supported_virtualization_types: items(&["hvm"]),
            bare_metal: false,
            hypervisor: of.family.hypervisor,
            processor_info: ProcessorInfo {
                supported_architectures: of.architectures().into(),
                sustained_clock_speed_in_ghz: of.clock_speed_ghz,
                manufacturer: of.family.manufacturer,
            },
            v_cpu_info: VCpuInfo {
                default_vcpus: of.vcpus,
                default_cores: of.cores(),
                default_threads_per_core: of.family.threads_per_core,
            },
            memory_info: MemoryInfo { size_in_mib: of.memory_mib },
            instance_storage_supported: false,
            ebs_info: EbsInfo {
                ebs_optimized_support: of.ebs_optimized_support(),
                encryption_support: "supported",
                nvme_support: of.ena_support(),
            },
            network_info: NetworkInfo::new(of),
            placement_group_info: PlacementGroupInfo { supported_strategies: items(of.family.placement_strategies) },
            hibernation_supported: of.family.hibernation,
            burstable_performance_supported: of.family.burstable,
            dedicated_hosts_supported: of.family.dedicated_hosts,
            auto_recovery_supported: true,
            supported_boot_modes: items(of.family.boot_modes),
            supported_in_region: of.is_offered_in(region_name),
        }
    }
}

/// DescribeInstanceTypes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DescribeInstanceTypes {
    #[serde(rename = "InstanceType", default)]
    instance_types: Vec<String>,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    #[serde(default)]
    include_unsupported_in_region: bool,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInstanceTypesResponse {
    instance_type_set: Items<InstanceTypeItem>,
    next_token: Option<String>,
}

impl DescribeInstanceTypes {
    fn selected(&self, region_name: &str) -> Result<Vec<&'static InstanceType>, Refusal> {
        let offered = |this: &InstanceType| self.include_unsupported_in_region || this.is_offered_in(region_name);
        if self.instance_types.is_empty() {
            return Ok(INSTANCE_TYPES.iter().filter(|this| offered(this)).collect());
        }
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for name in &self.instance_types {
            match find(name).filter(|this| offered(this)) {
                Some(instance_type) => found.push(instance_type),
                None => unknown.push(name.as_str()),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        let message = format!("The following supplied instance types do not exist: [{}]", unknown.join(", "));
        Err(Refusal::new("InvalidInstanceType", message))
    }
}

impl Action for DescribeInstanceTypes {
    type Response = DescribeInstanceTypesResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        check_filters(&self.filters, InstanceType::FILTERS.iter().map(|(name, _)| *name))?;
        if let Some(size) = self.max_results.filter(|size| *size > MAX_PAGE) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ( {size} ) for parameter MaxResults is invalid. Expecting a value less than or equal to {MAX_PAGE}."
            )));
        }
        let mut found = self.selected(cx.region_name)?;
        found.retain(|this| passes_untagged(this, &self.filters, InstanceType::FILTERS, cx));
        found.sort_by_key(|this| this.name);
        found.dedup_by_key(|this| this.name);
        let page = Page { max_results: self.max_results.or(Some(MAX_PAGE)), next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |this| this.name.to_owned())?;
        let items = found.into_iter().map(|this| InstanceTypeItem::new(this, cx.region_name));
        Ok(DescribeInstanceTypesResponse { instance_type_set: items.collect(), next_token })
    }
}
