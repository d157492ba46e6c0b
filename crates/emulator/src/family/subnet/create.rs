//! CreateSubnet, CreateDefaultSubnet, DeleteSubnet.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use vpcrun_model::{ResourceId, SubnetId, VpcId, next_free_block};

use super::cidr_block::{check_ipam, checked_ipv6_block};
use super::reservation::SubnetCidrReservation;
use super::{Ipv6Association, Subnet, SubnetItem, is_taken};
use crate::action::{Action, Context};
use crate::error::Refusal;
use crate::family::nat_gateway::NatGateway;
use crate::family::network_interface::NetworkInterface;
use crate::family::tag::{TagSpecification, specified_tags};
use crate::family::vpc::{Vpc, default_vpc, parse_cidr};
use crate::family::zone::{self, Zone};
use crate::family::{network_acl, route_table};
use crate::quota;
use crate::state::{Resource, Tags};
use crate::wire::Reply;

/// CreateSubnet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateSubnet {
    vpc_id: String,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    #[serde(default)]
    ipv6_native: bool,
    ipv4_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv4NetmaskLength")]
    _ipv4_netmask_length: Option<u8>,
    ipv6_ipam_pool_id: Option<String>,
    #[serde(rename = "Ipv6NetmaskLength")]
    _ipv6_netmask_length: Option<u8>,
    outpost_arn: Option<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
pub(crate) struct CreateSubnetResponse {
    subnet: SubnetItem,
}

impl CreateSubnet {
    /// A /16 to /28 block inside the VPC that no other subnet overlaps; `None` for an IPv6-only subnet.
    fn checked_cidr_block(&self, cx: &Context<'_>, vpc: &Vpc) -> Result<Option<Ipv4Net>, Refusal> {
        let text = match &self.cidr_block {
            Some(_) if self.ipv6_native => {
                let message = "The parameter cidrBlock cannot be used with the parameter ipv6Native";
                return Err(Refusal::invalid_parameter_combination(message));
            }
            None if self.ipv6_native => return Ok(None),
            None => {
                let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.".to_owned();
                return Err(Refusal::new("MissingParameter", message));
            }
            Some(text) => text,
        };
        let block = parse_cidr(text, "cidrBlock")?;
        if !(16..=28).contains(&block.prefix_len()) || !vpc.cidr_blocks().any(|whole| whole.contains(&block)) {
            return Err(Refusal::new("InvalidSubnet.Range", format!("The CIDR '{text}' is invalid.")));
        }
        if is_taken(&cx.region, vpc.id, block) {
            let message = format!("The CIDR '{text}' conflicts with another subnet");
            return Err(Refusal::new("InvalidSubnet.Conflict", message));
        }
        Ok(Some(block))
    }

    fn checked_ipv6_block(&self, cx: &Context<'_>, vpc: &Vpc) -> Result<Option<Ipv6Net>, Refusal> {
        match &self.ipv6_cidr_block {
            Some(text) => checked_ipv6_block(cx, vpc, text).map(Some),
            None if self.ipv6_native => {
                let message = "Either 'ipv6CidrBlock' or 'ipv6IpamPoolId' should be provided.".to_owned();
                Err(Refusal::new("MissingParameter", message))
            }
            None => Ok(None),
        }
    }
}

/// The zone asked for, or one that EC2 chooses: here the first.
fn checked_zone(cx: &Context<'_>, name: Option<&str>, id: Option<&str>) -> Result<Zone, Refusal> {
    let zones = zone::zones(cx.region_name);
    let names: Vec<_> = zones.iter().map(|zone| zone.name.clone()).collect();
    let refuse = |value: &str, parameter: &str| {
        Refusal::invalid_parameter_value(format!(
            "Value ({value}) for parameter {parameter} is invalid. Subnets can currently only be created in the \
             following availability zones: {}.",
            names.join(", ")
        ))
    };
    let mut zones = zones.into_iter();
    match (name, id) {
        (Some(_), Some(_)) => Err(Refusal::invalid_parameter_combination(
            "The parameter availabilityZone cannot be used with the parameter availabilityZoneId",
        )),
        (Some(name), None) => zones.find(|zone| zone.name == name).ok_or_else(|| refuse(name, "availabilityZone")),
        (None, Some(id)) => zones.find(|zone| zone.id == id).ok_or_else(|| refuse(id, "availabilityZoneId")),
        (None, None) => zones.next().ok_or_else(|| Refusal::internal("the region has no zones".to_owned())),
    }
}

impl Action for CreateSubnet {
    type Response = CreateSubnetResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let tags = specified_tags(&self.tag_specifications, &["subnet"], "subnet")?;
        let vpc = cx.find::<Vpc>(&self.vpc_id)?;
        let vpc_id = vpc.id;
        check_ipam([&self.ipv4_ipam_pool_id, &self.ipv6_ipam_pool_id])?;
        if let Some(arn) = &self.outpost_arn {
            let message = format!("Value ({arn}) for parameter outpostArn is invalid. The Outpost does not exist.");
            return Err(Refusal::invalid_parameter_value(message));
        }
        let zone = checked_zone(cx, self.availability_zone.as_deref(), self.availability_zone_id.as_deref())?;
        let cidr_block = self.checked_cidr_block(cx, vpc)?;
        let ipv6_block = self.checked_ipv6_block(cx, vpc)?;
        cx.check_quota(&quota::SUBNETS, |region| region.referrers::<Subnet>(vpc_id).count() + 1)?;
        let mut subnet = Subnet::new(cx.new_id(), vpc_id, zone.name, cidr_block, tags);
        subnet.ipv6 = ipv6_block.map(|block| Ipv6Association { id: cx.new_id(), block });
        subnet.network_acl = network_acl::default_association(cx, vpc_id);
        cx.region.put(subnet.clone());
        Ok(CreateSubnetResponse { subnet: SubnetItem::created(&subnet, cx) })
    }
}

/// The default subnet of a zone.
fn default_in_zone<'c>(cx: &'c Context<'_>, vpc: VpcId, zone: &str) -> Option<&'c Subnet> {
    let mut subnets = cx.region.referrers::<Subnet>(vpc);
    subnets.find(|subnet| subnet.default_for_az && subnet.availability_zone == zone)
}

/// Makes the default subnet of a zone: its instances get public addresses.
pub(crate) fn create_default(cx: &mut Context<'_>, vpc: VpcId, zone: Zone, cidr_block: Ipv4Net) -> Subnet {
    let subnet = Subnet {
        default_for_az: true,
        map_public_ip_on_launch: true,
        network_acl: network_acl::default_association(cx, vpc),
        ..Subnet::new(cx.new_id(), vpc, zone.name, Some(cidr_block), Tags::new())
    };
    cx.region.put(subnet.clone());
    subnet
}

/// CreateDefaultSubnet: a /20 of the default VPC, in a zone whose default subnet was deleted.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateDefaultSubnet {
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    #[serde(default)]
    ipv6_native: bool,
}

const DEFAULT_SUBNET_LENGTH: u8 = 20;

impl Action for CreateDefaultSubnet {
    type Response = CreateSubnetResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        if self.availability_zone.is_none() && self.availability_zone_id.is_none() {
            return Err(Refusal::missing_parameter("availabilityZone"));
        }
        let zone = checked_zone(cx, self.availability_zone.as_deref(), self.availability_zone_id.as_deref())?;
        let vpc = default_vpc(cx).ok_or_else(|| {
            let message = "No default VPC exists for this account in this region.".to_owned();
            Refusal::new("DefaultVpcDoesNotExist", message)
        })?;
        let vpc_id = vpc.id;
        if let Some(existing) = default_in_zone(cx, vpc_id, &zone.name) {
            let message = format!("'{}' is already the default subnet in {}.", existing.id, zone.name);
            return Err(Refusal::new("DefaultSubnetAlreadyExistsInAvailabilityZone", message));
        }
        if self.ipv6_native {
            return self.create_ipv6_native(cx, vpc_id, zone);
        }
        let taken: Vec<Ipv4Net> =
            cx.region.referrers::<Subnet>(vpc_id).filter_map(|subnet| subnet.cidr_block).collect();
        let block = next_free_block(&[vpc.cidr_block], &taken, DEFAULT_SUBNET_LENGTH).ok_or_else(no_space)?;
        let subnet = create_default(cx, vpc_id, zone, block);
        Ok(CreateSubnetResponse { subnet: SubnetItem::created(&subnet, cx) })
    }
}

fn no_space() -> Refusal {
    let message = "The default VPC does not have enough free addresses to create a default subnet.".to_owned();
    Refusal::new("InsufficientCidrBlocks", message)
}

impl CreateDefaultSubnet {
    /// The first free /64 of the default VPC's IPv6 block.
    fn create_ipv6_native(
        &self,
        cx: &mut Context<'_>,
        vpc_id: VpcId,
        zone: Zone,
    ) -> Result<CreateSubnetResponse, Refusal> {
        let vpc = cx.find::<Vpc>(&vpc_id.to_string())?;
        let Some(whole) = vpc.ipv6_cidr_blocks().next() else {
            let message = format!("The VPC '{vpc_id}' does not have an IPv6 CIDR block associated with it.");
            return Err(Refusal::invalid_parameter_value(message));
        };
        let taken: Vec<Ipv6Net> = cx.region.referrers::<Subnet>(vpc_id).filter_map(Subnet::ipv6_cidr_block).collect();
        let is_free = |block: &Ipv6Net| !taken.iter().any(|other| other.contains(block) || block.contains(other));
        let block = whole.subnets(64).ok().and_then(|mut blocks| blocks.find(is_free)).ok_or_else(no_space)?;
        let subnet = Subnet {
            default_for_az: true,
            ipv6: Some(Ipv6Association { id: cx.new_id(), block }),
            network_acl: network_acl::default_association(cx, vpc_id),
            ..Subnet::new(cx.new_id(), vpc_id, zone.name, None, Tags::new())
        };
        cx.region.put(subnet.clone());
        Ok(CreateSubnetResponse { subnet: SubnetItem::created(&subnet, cx) })
    }
}

/// DeleteSubnet: refused while a network interface is in it. Its associations and reservations go with it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteSubnet {
    subnet_id: String,
}

impl Action for DeleteSubnet {
    type Response = Reply;

    fn run(self, cx: &mut Context<'_>) -> Result<Reply, Refusal> {
        let id: SubnetId = cx.find::<Subnet>(&self.subnet_id)?.id;
        let in_use = cx.region.referrers::<NetworkInterface>(id).next().is_some()
            || cx.region.referrers::<NatGateway>(id).next().is_some();
        if in_use {
            return Err(Refusal::dependency("subnet", id));
        }
        route_table::dissociate(&mut cx.region, id);
        let reservations = cx.region.referrers::<SubnetCidrReservation>(id).map(|held| ResourceId::from(held.id()));
        for reservation in reservations.collect::<Vec<_>>() {
            cx.region.remove(reservation);
        }
        cx.region.remove(id);
        Ok(Reply::TRUE)
    }
}
