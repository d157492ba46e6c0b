//! Subnet CIDR reservations: addresses that EC2 does not assign by itself, or assigns to prefixes only.
//!
//! Sources: CreateSubnetCidrReservation, DeleteSubnetCidrReservation, GetSubnetCidrReservations; "Subnet CIDR reservations" in
//! the Amazon VPC User Guide.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use vpcrun_model::{ResourceId, SubnetCidrReservationId, SubnetId};

use super::Subnet;
use crate::action::{Action, Context};
use crate::describe::{Filter, FilterTable, Page, check_filters, paginate, passes, text};
use crate::error::{IdWording, Refusal};
use crate::family::tag::{TagItem, TagSpecification, specified_tags, tag_set};
use crate::state::{Tags, resource};
use crate::wire::Items;

/// A reservation of addresses in a subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubnetCidrReservation {
    id: SubnetCidrReservationId,
    subnet_id: SubnetId,
    pub(crate) cidr: IpNet,
    pub(crate) reservation_type: ReservationType,
    description: Option<String>,
    tags: Tags,
}

resource!(
    SubnetCidrReservation as SubnetCidrReservation,
    SubnetCidrReservationId,
    "subnet-cidr-reservation",
    IdWording {
        noun: "subnetCidrReservation",
        not_found: "InvalidSubnetCidrReservationID.NotFound",
        malformed: "InvalidSubnetCidrReservationId.Malformed",
    },
    fn references(&self) -> Vec<ResourceId> {
        vec![self.subnet_id.into()]
    }
);

/// Whom a reservation is for: prefixes that EC2 assigns, or addresses that the account assigns.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReservationType {
    Prefix,
    Explicit,
}

impl SubnetCidrReservation {
    const FILTERS: FilterTable<Self> = &[
        ("reservationType", |reservation, _| match reservation.reservation_type {
            ReservationType::Prefix => text("prefix"),
            ReservationType::Explicit => text("explicit"),
        }),
        ("subnet-id", |reservation, _| text(reservation.subnet_id)),
    ];
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReservationItem {
    subnet_cidr_reservation_id: SubnetCidrReservationId,
    subnet_id: SubnetId,
    cidr: String,
    reservation_type: ReservationType,
    owner_id: String,
    description: Option<String>,
    tag_set: Items<TagItem>,
}

impl ReservationItem {
    fn new(reservation: &SubnetCidrReservation, cx: &Context<'_>) -> Self {
        Self {
            subnet_cidr_reservation_id: reservation.id,
            subnet_id: reservation.subnet_id,
            cidr: reservation.cidr.to_string(),
            reservation_type: reservation.reservation_type,
            owner_id: cx.account_id().to_owned(),
            description: reservation.description.clone(),
            tag_set: tag_set(&reservation.tags),
        }
    }
}

/// CreateSubnetCidrReservation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct CreateSubnetCidrReservation {
    subnet_id: String,
    cidr: String,
    reservation_type: ReservationType,
    description: Option<String>,
    #[serde(rename = "TagSpecification", default)]
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSubnetCidrReservationResponse {
    subnet_cidr_reservation: ReservationItem,
}

fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

impl CreateSubnetCidrReservation {
    /// A block of the subnet that no other reservation overlaps.
    fn checked_cidr(&self, cx: &Context<'_>, subnet: &Subnet) -> Result<IpNet, Refusal> {
        let text = &self.cidr;
        let cidr = text.parse::<IpNet>().map(|cidr| cidr.trunc()).map_err(|_| {
            Refusal::invalid_parameter_value(format!(
                "Value ({text}) for parameter cidr is invalid. This is not a valid CIDR block."
            ))
        })?;
        let ipv4 = subnet.cidr_block.map(IpNet::V4);
        let ipv6 = subnet.ipv6_cidr_block().map(IpNet::V6);
        if !ipv4.iter().chain(&ipv6).any(|whole| whole.contains(&cidr)) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({text}) for parameter cidr is invalid. The CIDR block is not within the CIDR blocks of subnet {}.",
                subnet.id
            )));
        }
        let mut others = cx.region.referrers::<SubnetCidrReservation>(subnet.id);
        if others.any(|other| overlap(&other.cidr, &cidr)) {
            return Err(Refusal::invalid_parameter_value(format!(
                "Value ({text}) for parameter cidr is invalid. The CIDR block conflicts with another subnet CIDR \
                 reservation."
            )));
        }
        Ok(cidr)
    }
}

impl Action for CreateSubnetCidrReservation {
    type Response = CreateSubnetCidrReservationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let kind = "subnet-cidr-reservation";
        let tags = specified_tags(&self.tag_specifications, &[kind], kind)?;
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        let cidr = self.checked_cidr(cx, subnet)?;
        let reservation = SubnetCidrReservation {
            subnet_id: subnet.id,
            id: cx.new_id(),
            cidr,
            reservation_type: self.reservation_type,
            description: self.description,
            tags,
        };
        let subnet_cidr_reservation = ReservationItem::new(&reservation, cx);
        cx.region.put(reservation);
        Ok(CreateSubnetCidrReservationResponse { subnet_cidr_reservation })
    }
}

/// DeleteSubnetCidrReservation: what is assigned out of it stays assigned.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct DeleteSubnetCidrReservation {
    subnet_cidr_reservation_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteSubnetCidrReservationResponse {
    deleted_subnet_cidr_reservation: ReservationItem,
}

impl Action for DeleteSubnetCidrReservation {
    type Response = DeleteSubnetCidrReservationResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let reservation = cx.find::<SubnetCidrReservation>(&self.subnet_cidr_reservation_id)?;
        let id = reservation.id;
        let deleted_subnet_cidr_reservation = ReservationItem::new(reservation, cx);
        cx.region.remove(id);
        Ok(DeleteSubnetCidrReservationResponse { deleted_subnet_cidr_reservation })
    }
}

/// GetSubnetCidrReservations: those of one subnet, by address family.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct GetSubnetCidrReservations {
    subnet_id: String,
    #[serde(rename = "Filter", default)]
    filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetSubnetCidrReservationsResponse {
    subnet_ipv4_cidr_reservation_set: Items<ReservationItem>,
    subnet_ipv6_cidr_reservation_set: Items<ReservationItem>,
    next_token: Option<String>,
}

impl Action for GetSubnetCidrReservations {
    type Response = GetSubnetCidrReservationsResponse;

    fn run(self, cx: &mut Context<'_>) -> Result<Self::Response, Refusal> {
        let table = SubnetCidrReservation::FILTERS;
        check_filters(&self.filters, table.iter().map(|(name, _)| *name))?;
        let subnet = cx.find::<Subnet>(&self.subnet_id)?;
        let found = cx.region.referrers::<SubnetCidrReservation>(subnet.id);
        let found = found.filter(|reservation| passes(*reservation, &self.filters, table, cx)).collect();
        let page = Page { max_results: self.max_results, next_token: self.next_token };
        let (found, next_token) = paginate(cx, found, &page, |reservation| reservation.id.to_string())?;
        let of_family = |is_ipv4: bool| {
            let those = found.iter().filter(|reservation| matches!(reservation.cidr, IpNet::V4(_)) == is_ipv4);
            those.map(|reservation| ReservationItem::new(reservation, cx)).collect()
        };
        Ok(GetSubnetCidrReservationsResponse {
            subnet_ipv4_cidr_reservation_set: of_family(true),
            subnet_ipv6_cidr_reservation_set: of_family(false),
            next_token,
        })
    }
}
