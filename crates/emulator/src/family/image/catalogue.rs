//! The public images that every region offers, and the public parameters that name them.
//!
//! Sources: answers of `describe-images` on AWS for these names; "Reference the latest AMIs using Systems Manager public
//! parameters" (EC2 User Guide); "Find Ubuntu images with the AWS SSM Parameter Store" (Canonical). On AWS such an image is
//! replaced every few weeks and carries a date of deprecation; here it stays, so that a runbook gives the same next year.

use serde::{Deserialize, Serialize};

use super::BootMode;
use crate::family::volume::VolumeType;

/// A processor architecture as EC2 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Architecture {
    #[serde(rename = "i386")]
    I386,
    #[serde(rename = "x86_64")]
    X86_64,
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::I386 => "i386",
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// What is the same for an image in all regions.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) owner_id: &'static str,
    pub(crate) architecture: Architecture,
    pub(crate) root_device_name: &'static str,
    /// GiB.
    pub(crate) volume_size: u32,
    pub(crate) volume_type: VolumeType,
    /// Devices of instance store volumes, on types that have some.
    pub(crate) ephemeral_devices: &'static [&'static str],
    pub(super) boot_mode: Option<BootMode>,
    pub(crate) imds_support: Option<&'static str>,
    pub(crate) creation_date: &'static str,
    /// The public parameters whose value is the image's id.
    pub(crate) parameters: &'static [&'static str],
}

const AMAZON: &str = "137112412989";
const CANONICAL: &str = "099720109477";

const AL2023_CREATED: &str = "2026-04-29T17:35:21.000Z";
const AL2_CREATED: &str = "2026-04-29T05:12:48.000Z";

const AL2023_X86_64: Entry = Entry {
    name: "al2023-ami-2023.11.20260427.1-kernel-6.1-x86_64",
    description: "Amazon Linux 2023 AMI 2023.11.20260427.1 x86_64 HVM kernel-6.1",
    owner_id: AMAZON,
    architecture: Architecture::X86_64,
    root_device_name: "/dev/xvda",
    volume_size: 8,
    volume_type: VolumeType::Gp3,
    ephemeral_devices: &[],
    boot_mode: Some(BootMode::UefiPreferred),
    imds_support: Some("v2.0"),
    creation_date: AL2023_CREATED,
    parameters: &[
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
    ],
};

const AL2023_ARM64: Entry = Entry {
    name: "al2023-ami-2023.11.20260427.1-kernel-6.1-arm64",
    description: "Amazon Linux 2023 AMI 2023.11.20260427.1 arm64 HVM kernel-6.1",
    architecture: Architecture::Arm64,
    boot_mode: Some(BootMode::Uefi),
    parameters: &[
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
    ],
    ..AL2023_X86_64
};

const AL2_X86_64: Entry = Entry {
    name: "amzn2-ami-hvm-2.0.20260427.1-x86_64-gp2",
    description: "Amazon Linux 2 AMI 2.0.20260427.1 x86_64 HVM gp2",
    volume_type: VolumeType::Gp2,
    boot_mode: None,
    imds_support: None,
    creation_date: AL2_CREATED,
    parameters: &[
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-4.14-hvm-x86_64-gp2",
    ],
    ..AL2023_X86_64
};

const AL2_ARM64: Entry = Entry {
    name: "amzn2-ami-hvm-2.0.20260427.1-arm64-gp2",
    description: "Amazon Linux 2 LTS Arm64 AMI 2.0.20260427.1 arm64 HVM gp2",
    architecture: Architecture::Arm64,
    boot_mode: Some(BootMode::Uefi),
    parameters: &[
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-arm64-gp2",
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-4.14-hvm-arm64-gp2",
    ],
    ..AL2_X86_64
};

const UBUNTU_24_04_AMD64: Entry = Entry {
    name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260714",
    description: "Canonical, Ubuntu, 24.04, amd64 noble image",
    owner_id: CANONICAL,
    architecture: Architecture::X86_64,
    root_device_name: "/dev/sda1",
    volume_size: 8,
    volume_type: VolumeType::Gp3,
    ephemeral_devices: &["/dev/sdb", "/dev/sdc"],
    boot_mode: Some(BootMode::UefiPreferred),
    imds_support: None,
    creation_date: "2026-07-14T11:32:06.000Z",
    parameters: &[
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "/aws/service/canonical/ubuntu/server/noble/stable/current/amd64/hvm/ebs-gp3/ami-id",
    ],
};

const UBUNTU_24_04_ARM64: Entry = Entry {
    name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260714",
    description: "Canonical, Ubuntu, 24.04, arm64 noble image",
    architecture: Architecture::Arm64,
    boot_mode: Some(BootMode::Uefi),
    creation_date: "2026-07-14T11:54:44.000Z",
    parameters: &[
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id",
        "/aws/service/canonical/ubuntu/server/noble/stable/current/arm64/hvm/ebs-gp3/ami-id",
    ],
    ..UBUNTU_24_04_AMD64
};

/// Every image. Canonical publishes 22.04 on gp2 volumes only.
pub(crate) const IMAGES: &[Entry] = &[
    AL2023_X86_64,
    AL2023_ARM64,
    Entry {
        name: "al2023-ami-minimal-2023.11.20260427.1-kernel-6.1-x86_64",
        description: "Amazon Linux 2023 AMI 2023.11.20260427.1 x86_64 Minimal HVM kernel-6.1",
        volume_size: 2,
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-x86_64",
        ],
        ..AL2023_X86_64
    },
    Entry {
        name: "al2023-ami-minimal-2023.11.20260427.1-kernel-6.1-arm64",
        description: "Amazon Linux 2023 AMI 2023.11.20260427.1 arm64 Minimal HVM kernel-6.1",
        volume_size: 2,
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-arm64",
        ],
        ..AL2023_ARM64
    },
    AL2_X86_64,
    AL2_ARM64,
    Entry {
        name: "amzn2-ami-kernel-5.10-hvm-2.0.20260427.1-x86_64-gp2",
        description: "Amazon Linux 2 Kernel 5.10 AMI 2.0.20260427.1 x86_64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-default-hvm-x86_64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
        ],
        ..AL2_X86_64
    },
    Entry {
        name: "amzn2-ami-kernel-5.10-hvm-2.0.20260427.1-arm64-gp2",
        description: "Amazon Linux 2 LTS Arm64 Kernel 5.10 AMI 2.0.20260427.1 arm64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-default-hvm-arm64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-arm64-gp2",
        ],
        ..AL2_ARM64
    },
    UBUNTU_24_04_AMD64,
    UBUNTU_24_04_ARM64,
    Entry {
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20251015",
        description: "Canonical, Ubuntu, 22.04, amd64 jammy image",
        volume_type: VolumeType::Gp2,
        creation_date: "2025-10-15T08:05:34.000Z",
        parameters: &[
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
            "/aws/service/canonical/ubuntu/server/jammy/stable/current/amd64/hvm/ebs-gp2/ami-id",
        ],
        ..UBUNTU_24_04_AMD64
    },
    Entry {
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-20251015",
        description: "Canonical, Ubuntu, 22.04, arm64 jammy image",
        volume_type: VolumeType::Gp2,
        creation_date: "2025-10-15T08:17:52.000Z",
        parameters: &[
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id",
            "/aws/service/canonical/ubuntu/server/jammy/stable/current/arm64/hvm/ebs-gp2/ami-id",
        ],
        ..UBUNTU_24_04_ARM64
    },
];
