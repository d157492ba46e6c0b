//! Sizes and places, in pixels.
//!
//! A zone is as wide as its fullest subnet needs; all VPCs are as wide as the widest, whose zones share what is left.
//! Subnets stand in rows over all zones, public ones first, so that what does the same job in several zones stands side
//! by side. A row is as high as its highest subnet needs.

use super::card;
use super::detail::{self, Detail};
use super::font::Font;
use crate::map::topology::{HostNode, SubnetNode, VpcNode, ZoneNode};

/// Around the page.
pub(super) const MARGIN: f64 = 32.0;
/// From the page's top to the first VPC's.
pub(super) const HEAD: f64 = 84.0;
/// Between VPCs.
pub(super) const VPC_GAP: f64 = 40.0;
/// Between boxes that stand side by side.
pub(super) const GAP: f64 = 16.0;
/// Between cards.
pub(super) const CARD_GAP: f64 = 8.0;
/// Inside a VPC, a zone, a subnet.
pub(super) const VPC_PAD: f64 = 20.0;
pub(super) const ZONE_PAD: f64 = 14.0;
pub(super) const SUBNET_PAD: f64 = 14.0;
/// The names of a VPC, and of a zone, above what is inside.
pub(super) const VPC_HEAD: f64 = 52.0;
pub(super) const ZONE_HEAD: f64 = 26.0;
/// The four lines of a subnet above its cards.
pub(super) const SUBNET_HEAD: f64 = 80.0;
/// Where a subnet says that it is empty.
pub(super) const EMPTY: f64 = 24.0;
/// The internet above a VPC, the wire, the gateway on the border.
pub(super) const INTERNET: f64 = 36.0;
pub(super) const WIRE: f64 = 30.0;
pub(super) const GATEWAY: f64 = 44.0;
/// The greatest width of a gateway.
pub(super) const GATEWAY_WIDTH: f64 = 264.0;

/// The width of a card for an instance or network interface.
pub(super) const CARD_LEAST: f64 = 184.0;
pub(super) const CARD_MOST: f64 = 280.0;
/// The least inner width of a subnet: its own four lines.
const SUBNET_LEAST: f64 = 252.0;
/// The least width of a zone, and of a detail, which so stands as wide as a zone with few instances.
pub(super) const ZONE_LEAST: f64 = SUBNET_LEAST + 2.0 * (SUBNET_PAD + ZONE_PAD);
/// A picture has about this many cards side by side before it grows in height.
const CARDS_ABREAST: usize = 12;

/// Where the parts of a VPC stand.
pub(super) struct VpcPlan<'a> {
    pub vpc: &'a VpcNode,
    pub width: f64,
    /// Of the box, without the internet above it.
    pub height: f64,
    /// What the gateway and the internet take above the box.
    pub above: f64,
    pub zones: Vec<ZonePlan<'a>>,
    /// The heights of the rows of subnets.
    pub rows: Vec<f64>,
    pub details: Vec<Detail<'a>>,
}

/// A zone: one column.
pub(super) struct ZonePlan<'a> {
    pub zone: &'a ZoneNode,
    pub width: f64,
    /// A subnet or nothing for each row.
    pub subnets: Vec<Option<&'a SubnetNode>>,
    /// Cards side by side.
    pub abreast: usize,
    pub card_width: f64,
}

/// The width that a VPC needs.
pub(super) fn least_width(vpc: &VpcNode) -> f64 {
    let zones: f64 = vpc.zones.iter().map(|zone| least_zone_width(zone, vpc.zones.len())).sum();
    let gaps = GAP * vpc.zones.len().saturating_sub(1) as f64;
    let gateways = vpc.internet_gateways.len() as f64 * (GATEWAY_WIDTH + GAP) - GAP;
    let head = Font::Code.width(&head_line(vpc)).min(620.0);
    let inner = (zones + gaps).max(gateways).max(head).max(ZONE_LEAST);
    inner + 2.0 * VPC_PAD
}

/// The line below a VPC's name.
pub(super) fn head_line(vpc: &VpcNode) -> String {
    match vpc.named.name {
        Some(_) => format!("{} · {}", vpc.blocks(), vpc.named.id),
        None => vpc.blocks(),
    }
}

fn most_cards(zone: &ZoneNode) -> usize {
    zone.subnets.iter().map(|subnet| subnet.hosts().count()).max().unwrap_or_default()
}

fn cards_width(abreast: usize) -> f64 {
    abreast as f64 * (CARD_LEAST + CARD_GAP) - CARD_GAP
}

fn least_zone_width(zone: &ZoneNode, zones: usize) -> f64 {
    let cards = most_cards(zone) as f64;
    // About three times as high as wide; a card is half as high as wide.
    let wanted = (cards / 3.0).sqrt().ceil() as usize;
    let abreast = wanted.clamp(1, (CARDS_ABREAST / zones.max(1)).clamp(1, 4));
    SUBNET_LEAST.max(cards_width(abreast)) + 2.0 * (SUBNET_PAD + ZONE_PAD)
}

/// Lays out a VPC in this width, which is at least its [`least_width`].
pub(super) fn plan(vpc: &VpcNode, width: f64) -> VpcPlan<'_> {
    let spare = width - least_width(vpc);
    let inner = width - 2.0 * VPC_PAD;
    let least: f64 = vpc.zones.iter().map(|zone| least_zone_width(zone, vpc.zones.len())).sum();
    let gaps = GAP * vpc.zones.len().saturating_sub(1) as f64;
    // Also what a long name or a gateway makes the VPC wider is shared by its zones.
    let share = (inner - least - gaps).max(spare) / vpc.zones.len().max(1) as f64;
    let tiers = [true, false].map(|public| {
        let count = |zone: &ZoneNode| zone.subnets.iter().filter(|subnet| subnet.public == public).count();
        (public, vpc.zones.iter().map(count).max().unwrap_or_default())
    });
    let zone_plan = |zone| plan_zone(zone, least_zone_width(zone, vpc.zones.len()) + share, &tiers);
    let zones: Vec<ZonePlan<'_>> = vpc.zones.iter().map(zone_plan).collect();
    let row_count: usize = tiers.iter().map(|(_, count)| count).sum();
    let row_height = |row: usize| zones.iter().map(|zone| zone.row_height(row)).fold(0.0, f64::max);
    let rows: Vec<f64> = (0..row_count).map(row_height).collect();
    let details = detail::details(vpc, inner);
    let above = if vpc.internet_gateways.is_empty() { 0.0 } else { INTERNET + WIRE + GATEWAY / 2.0 };
    let mut plan = VpcPlan { vpc, width, height: 0.0, above, zones, rows, details };
    let bottom = plan.details.iter().map(|detail| detail.rect.bottom()).fold(0.0, f64::max);
    let bottom = if plan.details.is_empty() { 0.0 } else { bottom + GAP };
    plan.height = plan.zones_top() + plan.zones_height() + bottom + VPC_PAD;
    plan
}

fn plan_zone<'a>(zone: &'a ZoneNode, width: f64, tiers: &[(bool, usize)]) -> ZonePlan<'a> {
    let mut subnets = Vec::new();
    for (public, count) in tiers {
        let mut tier = zone.subnets.iter().filter(|subnet| subnet.public == *public);
        subnets.extend((0..*count).map(|_| tier.next()));
    }
    let inner = width - 2.0 * (SUBNET_PAD + ZONE_PAD);
    let room = ((inner + CARD_GAP) / (CARD_LEAST + CARD_GAP)).floor() as usize;
    let abreast = most_cards(zone).clamp(1, room.max(1));
    let card_width = (inner - CARD_GAP * (abreast - 1) as f64) / abreast as f64;
    ZonePlan { zone, width, subnets, abreast, card_width: card_width.min(CARD_MOST) }
}

impl VpcPlan<'_> {
    /// From the top of the VPC's box to that of its zones.
    pub fn zones_top(&self) -> f64 {
        self.head_top() + VPC_HEAD
    }

    /// From the top of the VPC's box to its names, which stand below a gateway on the border.
    pub fn head_top(&self) -> f64 {
        if self.above > 0.0 { GATEWAY / 2.0 + 8.0 } else { VPC_PAD }
    }

    pub fn zones_height(&self) -> f64 {
        if self.zones.is_empty() {
            return EMPTY;
        }
        let gaps = ZONE_PAD * self.rows.len().saturating_sub(1) as f64;
        ZONE_HEAD + self.rows.iter().sum::<f64>() + gaps + 2.0 * ZONE_PAD
    }
}

impl ZonePlan<'_> {
    fn row_height(&self, row: usize) -> f64 {
        self.subnets.get(row).copied().flatten().map_or(0.0, |subnet| self.subnet_height(subnet))
    }

    /// The height of a subnet in a row of this height: all of it, unless the box would be mostly empty.
    pub fn height_in_row(&self, subnet: &SubnetNode, row: f64) -> f64 {
        let own = self.subnet_height(subnet);
        if row > 2.5 * own { own } else { row }
    }

    /// The cards of a subnet in rows, each with its height.
    pub fn card_rows<'s>(&self, subnet: &'s SubnetNode) -> Vec<(f64, Vec<&'s HostNode>)> {
        let hosts: Vec<&HostNode> = subnet.hosts().collect();
        let row =
            |hosts: &[&'s HostNode]| (hosts.iter().map(|host| card::height(host)).fold(0.0, f64::max), hosts.to_vec());
        hosts.chunks(self.abreast).map(row).collect()
    }

    /// The height that a subnet needs.
    fn subnet_height(&self, subnet: &SubnetNode) -> f64 {
        let rows = self.card_rows(subnet);
        let cards: f64 = rows.iter().map(|(height, _)| height + CARD_GAP).sum();
        SUBNET_PAD + SUBNET_HEAD + if rows.is_empty() { EMPTY } else { cards - CARD_GAP } + SUBNET_PAD
    }
}
