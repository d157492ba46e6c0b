//! Requirements in place of an instance type. A launch template may hold them for fleets; RunInstances takes none.
//!
//! Source: InstanceRequirementsRequest in the EC2 API Reference. They are read for their shape, and shown as they were sent.

use serde::Deserialize;

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident { $($member:literal $field:ident: $type:ty,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name {
                $(#[serde(rename = $member)] $field: $type,)+
            }
        )+
    };
}

shapes! {
    /// What the types of a fleet have to have.
    InstanceRequirements {
        "VCpuCount" _vcpu_count: Needed,
        "MemoryMiB" _memory: Needed,
        "CpuManufacturer" _cpu_manufacturers: Option<Vec<CpuManufacturer>>,
        "MemoryGiBPerVCpu" _memory_per_vcpu: Option<Amount>,
        "ExcludedInstanceType" _excluded: Option<Vec<String>>,
        "InstanceGeneration" _generations: Option<Vec<InstanceGeneration>>,
        "SpotMaxPricePercentageOverLowestPrice" _spot_price: Option<u32>,
        "OnDemandMaxPricePercentageOverLowestPrice" _price: Option<u32>,
        "BareMetal" _bare_metal: Option<Inclusion>,
        "BurstablePerformance" _burstable: Option<Inclusion>,
        "RequireHibernateSupport" _hibernation: Option<bool>,
        "NetworkInterfaceCount" _interfaces: Option<Range>,
        "LocalStorage" _local_storage: Option<Inclusion>,
        "LocalStorageType" _local_storage_types: Option<Vec<LocalStorageType>>,
        "TotalLocalStorageGB" _total_local_storage: Option<Amount>,
        "BaselineEbsBandwidthMbps" _ebs_bandwidth: Option<Range>,
        "AcceleratorType" _accelerator_types: Option<Vec<AcceleratorType>>,
        "AcceleratorCount" _accelerators: Option<Range>,
        "AcceleratorManufacturer" _accelerator_manufacturers: Option<Vec<AcceleratorManufacturer>>,
        "AcceleratorName" _accelerator_names: Option<Vec<AcceleratorName>>,
        "AcceleratorTotalMemoryMiB" _accelerator_memory: Option<Range>,
        "NetworkBandwidthGbps" _network_bandwidth: Option<Amount>,
        "AllowedInstanceType" _allowed: Option<Vec<String>>,
        "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice" _spot_price_percentage: Option<u32>,
        "BaselinePerformanceFactors" _baseline: Option<Baseline>,
        "RequireEncryptionInTransit" _encryption_in_transit: Option<bool>,
    }
    Needed { "Min" _min: u32, "Max" _max: Option<u32>, }
    Range { "Min" _min: Option<u32>, "Max" _max: Option<u32>, }
    Amount { "Min" _min: Option<f64>, "Max" _max: Option<f64>, }
    Baseline { "Cpu" _cpu: Option<Cpu>, }
    Cpu { "Reference" _references: Option<Vec<Reference>>, }
    Reference { "InstanceFamily" _family: Option<String>, }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Inclusion {
    Included,
    Required,
    Excluded,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum CpuManufacturer {
    #[serde(rename = "intel")]
    Intel,
    #[serde(rename = "amd")]
    Amd,
    #[serde(rename = "amazon-web-services")]
    AmazonWebServices,
    #[serde(rename = "apple")]
    Apple,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum InstanceGeneration {
    #[serde(rename = "current")]
    Current,
    #[serde(rename = "previous")]
    Previous,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum LocalStorageType {
    #[serde(rename = "hdd")]
    Hdd,
    #[serde(rename = "ssd")]
    Ssd,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum AcceleratorType {
    #[serde(rename = "gpu")]
    Gpu,
    #[serde(rename = "fpga")]
    Fpga,
    #[serde(rename = "inference")]
    Inference,
    #[serde(rename = "media")]
    Media,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum AcceleratorManufacturer {
    #[serde(rename = "amazon-web-services")]
    AmazonWebServices,
    #[serde(rename = "amd")]
    Amd,
    #[serde(rename = "nvidia")]
    Nvidia,
    #[serde(rename = "xilinx")]
    Xilinx,
    #[serde(rename = "habana")]
    Habana,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum AcceleratorName {
    #[serde(rename = "a100")]
    A100,
    #[serde(rename = "inferentia")]
    Inferentia,
    #[serde(rename = "k520")]
    K520,
    #[serde(rename = "k80")]
    K80,
    #[serde(rename = "m60")]
    M60,
    #[serde(rename = "radeon-pro-v520")]
    RadeonProV520,
    #[serde(rename = "t4")]
    T4,
    #[serde(rename = "vu9p")]
    Vu9p,
    #[serde(rename = "v100")]
    V100,
    #[serde(rename = "a10g")]
    A10g,
    #[serde(rename = "h100")]
    H100,
    #[serde(rename = "t4g")]
    T4g,
    #[serde(rename = "l40s")]
    L40s,
    #[serde(rename = "l4")]
    L4,
    #[serde(rename = "gaudi-hl-205")]
    GaudiHl205,
    #[serde(rename = "inferentia2")]
    Inferentia2,
    #[serde(rename = "trainium")]
    Trainium,
    #[serde(rename = "trainium2")]
    Trainium2,
    #[serde(rename = "u30")]
    U30,
}
