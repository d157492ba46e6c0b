//! The instance types that the emulator knows: the general families up to 2xlarge.
//!
//! Source of every figure: answers of `describe-instance-types` and `describe-instance-type-offerings` on AWS (as collected in
//! moto's resources, 2026).

use crate::family::image::Architecture;

/// What the types of a family have in common.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) architectures: &'static [Architecture],
    pub(crate) hypervisor: &'static str,
    pub(crate) manufacturer: &'static str,
    pub(crate) threads_per_core: u32,
    pub(crate) current_generation: bool,
    pub(crate) burstable: bool,
    pub(crate) hibernation: bool,
    pub(crate) dedicated_hosts: bool,
    pub(crate) boot_modes: &'static [&'static str],
    pub(crate) placement_strategies: &'static [&'static str],
    /// Whether traffic between instances is encrypted.
    pub(crate) encryption_in_transit: bool,
    /// Regions (of those that an account need not opt in to) without the family.
    pub(crate) absent_from: &'static [&'static str],
}

/// An instance type.
#[derive(Debug)]
pub(crate) struct InstanceType {
    /// Such as `t3.micro`.
    pub(crate) name: &'static str,
    pub(crate) family: &'static Family,
    pub(crate) vcpus: u32,
    pub(crate) memory_mib: u64,
    /// How many network interfaces an instance can have.
    pub(crate) maximum_network_interfaces: usize,
    /// How many private IPv4 addresses each of them can have, the primary one included.
    pub(crate) ipv4_addresses_per_interface: usize,
    pub(crate) network_performance: &'static str,
    pub(crate) clock_speed_ghz: f64,
    pub(crate) free_tier_eligible: bool,
}

const T3: Family = Family {
    architectures: &[Architecture::X86_64],
    hypervisor: "nitro",
    manufacturer: "Intel",
    threads_per_core: 2,
    current_generation: true,
    burstable: true,
    hibernation: true,
    dedicated_hosts: true,
    boot_modes: &["legacy-bios", "uefi"],
    placement_strategies: &["partition", "spread"],
    encryption_in_transit: false,
    absent_from: &[],
};
/// The small ones run 32-bit images, too.
const T2: Family = Family {
    architectures: &[Architecture::I386, Architecture::X86_64],
    hypervisor: "xen",
    threads_per_core: 1,
    dedicated_hosts: false,
    boot_modes: &["legacy-bios"],
    absent_from: &["eu-north-1"],
    ..T3
};
const T2_LARGE: Family = Family { architectures: &[Architecture::X86_64], ..T2 };
const T3A: Family =
    Family { manufacturer: "AMD", dedicated_hosts: false, absent_from: &["ap-northeast-3", "eu-north-1"], ..T3 };
const T4G: Family = Family { dedicated_hosts: false, ..arm64(T3) };
const M5: Family = Family {
    current_generation: false,
    burstable: false,
    placement_strategies: &["cluster", "partition", "spread"],
    ..T3
};
const M6I: Family = Family { encryption_in_transit: true, ..M5 };
const C6I: Family = Family { current_generation: true, ..M6I };
const M7G: Family = arm64(C6I);
const R6I: Family = Family { hibernation: false, ..M6I };

const fn arm64(family: Family) -> Family {
    Family {
        architectures: &[Architecture::Arm64],
        manufacturer: "AWS",
        threads_per_core: 1,
        boot_modes: &["uefi"],
        ..family
    }
}

/// Arguments: name, family, vCPUs, MiB of memory, network interfaces, addresses on each, network performance, GHz.
#[expect(clippy::too_many_arguments, reason = "a row of a table")]
const fn row(
    name: &'static str,
    family: &'static Family,
    vcpus: u32,
    memory_mib: u64,
    maximum_network_interfaces: usize,
    ipv4_addresses_per_interface: usize,
    network_performance: &'static str,
    clock_speed_ghz: f64,
) -> InstanceType {
    InstanceType {
        name,
        family,
        vcpus,
        memory_mib,
        maximum_network_interfaces,
        ipv4_addresses_per_interface,
        network_performance,
        clock_speed_ghz,
        free_tier_eligible: false,
    }
}

const fn free_tier(instance_type: InstanceType) -> InstanceType {
    InstanceType { free_tier_eligible: true, ..instance_type }
}

/// Every type, by family and size.
pub(crate) static INSTANCE_TYPES: &[InstanceType] = &[
    row("t2.nano", &T2, 1, 512, 2, 2, "Low to Moderate", 2.4),
    row("t2.micro", &T2, 1, 1024, 2, 2, "Low to Moderate", 2.5),
    row("t2.small", &T2, 1, 2048, 3, 4, "Low to Moderate", 2.5),
    row("t2.medium", &T2, 2, 4096, 3, 6, "Low to Moderate", 2.3),
    row("t2.large", &T2_LARGE, 2, 8192, 3, 12, "Low to Moderate", 2.3),
    row("t2.xlarge", &T2_LARGE, 4, 16384, 3, 15, "Moderate", 2.3),
    row("t2.2xlarge", &T2_LARGE, 8, 32768, 3, 15, "Moderate", 2.3),
    row("t3.nano", &T3, 2, 512, 2, 2, "Up to 5 Gigabit", 2.5),
    free_tier(row("t3.micro", &T3, 2, 1024, 2, 2, "Up to 5 Gigabit", 2.5)),
    free_tier(row("t3.small", &T3, 2, 2048, 3, 4, "Up to 5 Gigabit", 2.5)),
    row("t3.medium", &T3, 2, 4096, 3, 6, "Up to 5 Gigabit", 2.5),
    row("t3.large", &T3, 2, 8192, 3, 12, "Up to 5 Gigabit", 2.5),
    row("t3.xlarge", &T3, 4, 16384, 4, 15, "Up to 5 Gigabit", 2.5),
    row("t3.2xlarge", &T3, 8, 32768, 4, 15, "Up to 5 Gigabit", 2.5),
    row("t3a.nano", &T3A, 2, 512, 2, 2, "Up to 5 Gigabit", 2.2),
    row("t3a.micro", &T3A, 2, 1024, 2, 2, "Up to 5 Gigabit", 2.2),
    row("t3a.small", &T3A, 2, 2048, 2, 4, "Up to 5 Gigabit", 2.2),
    row("t3a.medium", &T3A, 2, 4096, 3, 6, "Up to 5 Gigabit", 2.2),
    row("t3a.large", &T3A, 2, 8192, 3, 12, "Up to 5 Gigabit", 2.2),
    row("t3a.xlarge", &T3A, 4, 16384, 4, 15, "Up to 5 Gigabit", 2.2),
    row("t3a.2xlarge", &T3A, 8, 32768, 4, 15, "Up to 5 Gigabit", 2.2),
    row("t4g.nano", &T4G, 2, 512, 2, 2, "Up to 5 Gigabit", 2.5),
    free_tier(row("t4g.micro", &T4G, 2, 1024, 2, 2, "Up to 5 Gigabit", 2.5)),
    free_tier(row("t4g.small", &T4G, 2, 2048, 3, 4, "Up to 5 Gigabit", 2.5)),
    row("t4g.medium", &T4G, 2, 4096, 3, 6, "Up to 5 Gigabit", 2.5),
    row("t4g.large", &T4G, 2, 8192, 3, 12, "Up to 5 Gigabit", 2.5),
    row("t4g.xlarge", &T4G, 4, 16384, 4, 15, "Up to 5 Gigabit", 2.5),
    row("t4g.2xlarge", &T4G, 8, 32768, 4, 15, "Up to 5 Gigabit", 2.5),
    row("m5.large", &M5, 2, 8192, 3, 10, "Up to 10 Gigabit", 3.1),
    row("m5.xlarge", &M5, 4, 16384, 4, 15, "Up to 10 Gigabit", 3.1),
    row("m5.2xlarge", &M5, 8, 32768, 4, 15, "Up to 10 Gigabit", 3.1),
    row("m6i.large", &M6I, 2, 8192, 3, 10, "Up to 12.5 Gigabit", 3.5),
    row("m6i.xlarge", &M6I, 4, 16384, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("m6i.2xlarge", &M6I, 8, 32768, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("m7g.medium", &M7G, 1, 4096, 2, 4, "Up to 12.5 Gigabit", 2.6),
    row("m7g.large", &M7G, 2, 8192, 3, 10, "Up to 12.5 Gigabit", 2.6),
    row("m7g.xlarge", &M7G, 4, 16384, 4, 15, "Up to 12.5 Gigabit", 2.6),
    row("m7g.2xlarge", &M7G, 8, 32768, 4, 15, "Up to 15 Gigabit", 2.6),
    row("c5.large", &M5, 2, 4096, 3, 10, "Up to 10 Gigabit", 3.4),
    row("c5.xlarge", &M5, 4, 8192, 4, 15, "Up to 10 Gigabit", 3.4),
    row("c5.2xlarge", &M5, 8, 16384, 4, 15, "Up to 10 Gigabit", 3.4),
    row("c6i.large", &C6I, 2, 4096, 3, 10, "Up to 12.5 Gigabit", 3.5),
    row("c6i.xlarge", &C6I, 4, 8192, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("c6i.2xlarge", &C6I, 8, 16384, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("c7g.medium", &M7G, 1, 2048, 2, 4, "Up to 12.5 Gigabit", 2.6),
    row("c7g.large", &M7G, 2, 4096, 3, 10, "Up to 12.5 Gigabit", 2.6),
    row("c7g.xlarge", &M7G, 4, 8192, 4, 15, "Up to 12.5 Gigabit", 2.6),
    row("c7g.2xlarge", &M7G, 8, 16384, 4, 15, "Up to 15 Gigabit", 2.6),
    row("r5.large", &M5, 2, 16384, 3, 10, "Up to 10 Gigabit", 3.1),
    row("r5.xlarge", &M5, 4, 32768, 4, 15, "Up to 10 Gigabit", 3.1),
    row("r5.2xlarge", &M5, 8, 65536, 4, 15, "Up to 10 Gigabit", 3.1),
    row("r6i.large", &R6I, 2, 16384, 3, 10, "Up to 12.5 Gigabit", 3.5),
    row("r6i.xlarge", &R6I, 4, 32768, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("r6i.2xlarge", &R6I, 8, 65536, 4, 15, "Up to 12.5 Gigabit", 3.5),
    row("r7g.medium", &M7G, 1, 8192, 2, 4, "Up to 12.5 Gigabit", 2.6),
    row("r7g.large", &M7G, 2, 16384, 3, 10, "Up to 12.5 Gigabit", 2.6),
    row("r7g.xlarge", &M7G, 4, 32768, 4, 15, "Up to 12.5 Gigabit", 2.6),
    row("r7g.2xlarge", &M7G, 8, 65536, 4, 15, "Up to 15 Gigabit", 2.6),
];
