//! Quotas: how much of a kind a fresh account may have, where the owner of the world wants them (`Options::quotas`).
//!
//! Off, an account is one whose quotas were raised as far as AWS raises them: what AWS gives nobody is refused all the same.
//!
//! Sources: "Amazon VPC quotas", "Amazon EC2 endpoints and quotas" and the quotas' own pages for values; "Error codes for the
//! Amazon EC2 API" for codes. Messages of VPCs, internet gateways, addresses, rules, NAT gateways and vCPUs are AWS's; the
//! others are worded after them.

use crate::action::Context;
use crate::error::Refusal;
use crate::state::Region;

/// A quota.
#[derive(Debug)]
pub(crate) struct Quota {
    /// What a fresh account has.
    pub(crate) default: usize,
    /// What AWS raises it to at most; `None` where no bound is known.
    maximum: Option<usize>,
    code: &'static str,
    /// AWS's words; `{limit}` stands for the value.
    message: &'static str,
}

macro_rules! quotas {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:literal $(up to $maximum:literal)?, $code:literal, $message:literal;)+) => {
        $(
            $(#[doc = $doc])+
            pub(crate) const $name: Quota = Quota {
                default: $default,
                maximum: quotas!(@maximum $($maximum)?),
                code: $code,
                message: $message,
            };
        )+

        /// All quotas, and what they are of.
        #[cfg(test)]
        const ALL: &[(&str, Quota)] = &[$((concat!($($doc),+), $name)),+];
    };
    (@maximum) => { None };
    (@maximum $maximum:literal) => { Some($maximum) };
}

quotas! {
    /// VPCs in a region.
    VPCS = 5, "VpcLimitExceeded", "The maximum number of VPCs has been reached.";
    /// IPv4 CIDR blocks of a VPC.
    IPV4_CIDR_BLOCKS = 5 up to 50, "CidrLimitExceeded",
        "This network {id} has met its maximum number of allowed CIDRs: {limit}";
    /// Subnets of a VPC.
    SUBNETS = 200, "SubnetLimitExceeded", "The maximum number of subnets has been reached.";
    /// Internet gateways in a region.
    INTERNET_GATEWAYS = 5, "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.";
    /// Egress-only internet gateways in a region.
    EGRESS_ONLY_INTERNET_GATEWAYS = 5, "EgressOnlyInternetGatewayLimitExceeded",
        "The maximum number of egress-only internet gateways has been reached.";
    /// Elastic IP addresses in a region.
    ADDRESSES = 5, "AddressLimitExceeded", "The maximum number of addresses has been reached.";
    /// Route tables of a VPC.
    ROUTE_TABLES = 200, "RouteTableLimitExceeded", "The maximum number of route tables has been reached.";
    /// Routes of a table, of each family of addresses; those to the VPC itself do not count.
    ROUTES = 500 up to 1_000, "RouteLimitExceeded", "The maximum number of routes has been reached.";
    /// Network ACLs of a VPC.
    NETWORK_ACLS = 200, "NetworkAclLimitExceeded", "The maximum number of network ACLs has been reached.";
    /// Rules of a network ACL each way, the last one aside.
    NETWORK_ACL_ENTRIES = 20 up to 40, "NetworkAclEntryLimitExceeded",
        "The maximum number of network acl entries has been reached.";
    /// Security groups in a region.
    SECURITY_GROUPS = 2_500, "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.";
    /// Rules of a security group each way, of each family of addresses. AWS raises it as long as the product with the groups of
    /// an interface is at most 1,000.
    SECURITY_GROUP_RULES = 60 up to 1_000, "RulesPerSecurityGroupLimitExceeded",
        "The maximum number of rules per security group has been reached.";
    /// Security groups of a network interface.
    GROUPS_OF_AN_INTERFACE = 5 up to 16, "SecurityGroupsPerInterfaceLimitExceeded",
        "The maximum number of security groups per interface has been reached.";
    /// Network interfaces in a region.
    NETWORK_INTERFACES = 5_000, "NetworkInterfaceLimitExceeded", "The maximum number of network interfaces has been reached.";
    /// NAT gateways in an Availability Zone.
    NAT_GATEWAYS = 5, "NatGatewayLimitExceeded", "Performing this operation would exceed the limit of {limit} NAT gateways";
    /// Active peering connections of a VPC.
    PEERING_CONNECTIONS = 50 up to 125, "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
        "The maximum number of active VPC peering connections per VPC has been reached.";
    /// Peering requests of an account that nobody has answered.
    OUTSTANDING_PEERING_CONNECTIONS = 25, "OutstandingVpcPeeringConnectionLimitExceeded",
        "The maximum number of outstanding VPC peering connections has been reached.";
    /// Gateway endpoints in a region.
    GATEWAY_ENDPOINTS = 20, "VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.";
    /// Interface endpoints of a VPC.
    INTERFACE_ENDPOINTS = 50, "VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.";
    /// Customer-managed prefix lists in a region.
    PREFIX_LISTS = 100, "PrefixListLimitExceeded", "The maximum number of prefix lists has been reached.";
    /// Customer gateways in a region.
    CUSTOMER_GATEWAYS = 50, "CustomerGatewayLimitExceeded", "The maximum number of customer gateways has been reached.";
    /// Virtual private gateways in a region.
    VPN_GATEWAYS = 5, "VpnGatewayLimitExceeded", "The maximum number of virtual private gateways has been reached.";
    /// Key pairs in a region.
    KEY_PAIRS = 5_000, "KeyPairLimitExceeded", "The maximum number of key pairs has been reached.";
    /// vCPUs of the running On-Demand instances of the standard types (A, C, D, H, I, M, R, T, Z).
    STANDARD_VCPUS = 5, "VcpuLimitExceeded",
        "You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance bucket that the \
         specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment \
         to this limit.";
}

impl Context<'_> {
    /// Refuses what would take an account beyond a quota. `total` counts all there would be, the new ones included; it is asked
    /// only where a limit applies.
    ///
    /// # Errors
    /// The quota's own code and message.
    pub(crate) fn check_quota(&self, quota: &Quota, total: impl FnOnce(&Region) -> usize) -> Result<(), Refusal> {
        self.check_quota_of("", quota, total)
    }

    /// [`Self::check_quota`] where AWS's message names a resource.
    pub(crate) fn check_quota_of(
        &self,
        id: &str,
        quota: &Quota,
        total: impl FnOnce(&Region) -> usize,
    ) -> Result<(), Refusal> {
        let limit = if self.options.quotas { Some(quota.default) } else { quota.maximum };
        match limit {
            Some(limit) if total(&self.region) > limit => {
                let message = quota.message.replace("{limit}", &limit.to_string()).replace("{id}", id);
                Err(Refusal::new(quota.code, message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;
    use std::{env, fs};

    use super::*;

    #[test]
    fn a_quota_is_never_raised_to_less() {
        for (what, quota) in ALL {
            assert!(quota.maximum.is_none_or(|maximum| maximum >= quota.default), "{what}");
            assert!(quota.code.ends_with("LimitExceeded"), "{what}");
        }
    }

    #[test]
    fn the_documentation_lists_the_quotas() {
        const BEGIN: &str =
            "<!-- The quotas are written by the tests: UPDATE_DOCS=1 cargo test -p vpcrun-emulator --lib quota -->\n\n";
        const END: &str = "\n<!-- End of the quotas -->\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/emulator.md");
        let page = fs::read_to_string(&path).expect("docs/emulator.md");
        let (before, rest) = page.split_once(BEGIN).expect("the place of the quotas");
        let (_, after) = rest.split_once(END).expect("the end of the quotas");
        let mut table = "| Quota of | Fresh account | At most | Code |\n|-|-|-|-|\n".to_owned();
        for (what, Quota { default, maximum, code, .. }) in ALL {
            let maximum = maximum.map_or_else(String::new, |maximum| maximum.to_string());
            let what = what.trim().trim_end_matches('.');
            writeln!(table, "| {what} | {default} | {maximum} | `{code}` |").expect("a row");
        }
        let wanted = format!("{before}{BEGIN}{table}{END}{after}");
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::write(&path, &wanted).expect("docs/emulator.md is written");
        } else {
            assert_eq!(page, wanted, "run UPDATE_DOCS=1 cargo test -p vpcrun-emulator --lib quota");
        }
    }
}
