//! ModifySubnetAttribute.

use serde::Deserialize;

use super::{HostnameType, Subnet};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::vpc::{AttributeBoolean, exactly_one_attribute};
use crate::wire::Reply;

/// ModifySubnetAttribute: one attribute a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ModifySubnetAttribute {
    subnet_id: String,
    assign_ipv6_address_on_creation: Option<AttributeBoolean>,
    map_public_ip_on_launch: Option<AttributeBoolean>,
    map_customer_owned_ip_on_launch: Option<AttributeBoolean>,
    customer_owned_ipv4_pool: Option<String>,
    enable_dns64: Option<AttributeBoolean>,
    private_dns_hostname_type_on_launch: Option<HostnameType>,
    enable_resource_name_dns_a_record_on_launch: Option<AttributeBoolean>,
    #[serde(rename = "EnableResourceNameDnsAAAARecordOnLaunch")]
    enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBoolean>,
    enable_lni_at_device_index: Option<u8>,
    disable_lni_at_device_index: Option<AttributeBoolean>,
}

fn is_true(attribute: Option<AttributeBoolean>) -> bool {
    attribute.is_some_and(|attribute| attribute.value)
}

impl ModifySubnetAttribute {
    fn check_one(&self) -> Result<(), Refusal> {
        // A pool of customer-owned addresses goes with the flag that uses it.
        let customer_owned = self.map_customer_owned_ip_on_launch.is_some() || self.customer_owned_ipv4_pool.is_some();
        exactly_one_attribute(&[
            ("assignIpv6AddressOnCreation", self.assign_ipv6_address_on_creation.is_some()),
            ("mapPublicIpOnLaunch", self.map_public_ip_on_launch.is_some()),
            ("mapCustomerOwnedIpOnLaunch", customer_owned),
            ("enableDns64", self.enable_dns64.is_some()),
            ("privateDnsHostnameTypeOnLaunch", self.private_dns_hostname_type_on_launch.is_some()),
            ("enableResourceNameDnsARecordOnLaunch", self.enable_resource_name_dns_a_record_on_launch.is_some()),
            ("enableResourceNameDnsAAAARecordOnLaunch", self.enable_resource_name_dns_aaaa_record_on_launch.is_some()),
            ("enableLniAtDeviceIndex", self.enable_lni_at_device_index.is_some()),
            ("disableLniAtDeviceIndex", self.disable_lni_at_device_index.is_some()),
        ])
    }

    fn check_subnet(&self, subnet: &Subnet) -> Result<(), Refusal> {
        let id = subnet.id;
        let refuse = |message: String| Err(Refusal::invalid_parameter_value(message));
        if is_true(self.assign_ipv6_address_on_creation) && subnet.ipv6.is_none() {
            return refuse(format!(
                "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation \
                 to true unless the subnet ({id}) has an IPv6 CIDR block associated with it."
            ));
        }
        if is_true(self.map_public_ip_on_launch) && subnet.is_ipv6_native() {
            return refuse(format!(
                "Invalid value 'true' for map-public-ip-on-launch. The subnet ({id}) is an IPv6 only subnet."
            ));
        }
        if self.private_dns_hostname_type_on_launch == Some(HostnameType::IpName) && subnet.is_ipv6_native() {
            return refuse(format!(
                "Invalid value 'ip-name' for private-dns-hostname-type-on-launch. The subnet ({id}) is an IPv6 only \
                 subnet."
            ));
        }
        let on_outpost = is_true(self.map_customer_owned_ip_on_launch)
            || self.customer_owned_ipv4_pool.is_some()
            || self.enable_lni_at_device_index.is_some();
        if on_outpost {
            return refuse(format!("The subnet ({id}) is not an Outpost subnet."));
        }
        Ok(())
    }
}

impl Action for ModifySubnetAttribute {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        self.check_one()?;
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        self.check_subnet(subnet)?;
        let id = subnet.id;
        cx.region.update(id, |subnet: &mut Subnet| {
            let set = |attribute: &mut bool, wanted: Option<AttributeBoolean>| {
                *attribute = wanted.map_or(*attribute, |wanted| wanted.value);
            };
            set(&mut subnet.assign_ipv6_address_on_creation, self.assign_ipv6_address_on_creation);
            set(&mut subnet.map_public_ip_on_launch, self.map_public_ip_on_launch);
            set(&mut subnet.enable_dns64, self.enable_dns64);
            let dns = &mut subnet.private_dns;
            dns.hostname_type = self.private_dns_hostname_type_on_launch.unwrap_or(dns.hostname_type);
            set(&mut dns.enable_resource_name_dns_a_record, self.enable_resource_name_dns_a_record_on_launch);
            set(&mut dns.enable_resource_name_dns_aaaa_record, self.enable_resource_name_dns_aaaa_record_on_launch);
        });
        Ok(Reply::TRUE)
    }
}
