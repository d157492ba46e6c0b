//! The page: VPCs and all that is inside, written from the layout.

use super::canvas::{Canvas, Line, Rect, number};
use super::card;
use super::font::Font;
use super::layout::{
    CARD_GAP, EMPTY, GAP, GATEWAY, GATEWAY_WIDTH, HEAD, INTERNET, MARGIN, SUBNET_HEAD, SUBNET_PAD, VPC_GAP, VPC_PAD,
    VpcPlan, WIRE, ZONE_HEAD, ZONE_PAD, ZonePlan, head_line, least_width, plan,
};
use crate::map::text::{Cut, counted};
use crate::map::topology::{Named, SubnetNode, Topology, VpcNode};

/// A drawn page.
pub(super) struct Page {
    pub width: f64,
    pub height: f64,
    pub body: String,
}

/// The narrowest drawing, inside its margins.
const LEAST_WIDTH: f64 = 360.0;

pub(super) fn page(topology: &Topology) -> Page {
    let inner = topology.vpcs.iter().map(least_width).fold(LEAST_WIDTH, f64::max);
    let plans: Vec<VpcPlan<'_>> = topology.vpcs.iter().map(|vpc| plan(vpc, inner)).collect();
    let mut canvas = Canvas::default();
    let mut y = HEAD;
    draw_head(&mut canvas, topology, inner);
    for plan in &plans {
        y += plan.above;
        draw_vpc(&mut canvas, plan, MARGIN, y);
        y += plan.height + VPC_GAP;
    }
    y = draw_unattached(&mut canvas, topology, inner, y);
    let (width, height) = (inner + 2.0 * MARGIN, y - VPC_GAP + MARGIN);
    let ground = format!("  <rect class=\"page\" width=\"{}\" height=\"{}\"/>\n", number(width), number(height));
    Page { width, height, body: ground + &canvas.into_body() }
}

fn draw_head(canvas: &mut Canvas, topology: &Topology, width: f64) {
    let line = |text, font, tone, y| Line { text, font, tone, x: MARGIN, y, limit: width, cut: Cut::End };
    canvas.text(&line(&topology.region, Font::Page, "t-ink", MARGIN + 12.0));
    let subnets: Vec<&SubnetNode> = topology.vpcs.iter().flat_map(VpcNode::subnets).collect();
    let instances = subnets.iter().map(|subnet| subnet.instances.len()).sum();
    let vpcs = counted(topology.vpcs.len(), "VPC");
    let mut parts = vec![vpcs, counted(subnets.len(), "subnet"), counted(instances, "instance")];
    parts.extend(topology.account_id.as_ref().map(|account| format!("account {account}")));
    canvas.text(&line(&parts.join(" · "), Font::Text, "t-faint", MARGIN + 30.0));
}

fn draw_vpc(canvas: &mut Canvas, plan: &VpcPlan<'_>, left: f64, top: f64) {
    let vpc = plan.vpc;
    let id = vpc.named.id.to_string();
    let kind = if vpc.is_default { "default VPC" } else { "VPC" };
    canvas.open("vpc", Some(&id), &format!("{kind} {}, {}", vpc.named.full(), vpc.blocks()));
    let rect = Rect { x: left, y: top, width: plan.width, height: plan.height };
    canvas.rect("box box-vpc", rect, 12.0);
    let (x, limit) = (left + VPC_PAD, plan.width - 2.0 * VPC_PAD);
    let kind_width = Font::Text.width(kind);
    let head = top + plan.head_top();
    let label = vpc.named.label();
    let name = Line {
        text: &label,
        font: Font::Vpc,
        tone: "t-ink",
        x,
        y: head + 15.0,
        limit: limit - kind_width - 12.0,
        cut: Cut::Middle,
    };
    canvas.text(&name);
    canvas.text_end(&Line { text: kind, font: Font::Text, tone: "t-faint", x: x + limit, limit, ..name });
    canvas.text(&Line {
        text: &head_line(vpc),
        font: Font::Code,
        tone: "t-soft",
        y: head + 34.0,
        limit,
        cut: Cut::End,
        ..name
    });

    let mut y = top + plan.zones_top();
    let mut zone_x = x;
    for zone in &plan.zones {
        let rect = Rect { x: zone_x, y, width: zone.width, height: plan.zones_height() };
        draw_zone(canvas, plan, zone, rect);
        zone_x += zone.width + GAP;
    }
    if plan.zones.is_empty() {
        canvas.text(&Line { text: "no subnets", font: Font::Text, tone: "t-faint", y: y + 12.0, limit, ..name });
    }
    y += plan.zones_height() + GAP;
    for detail in &plan.details {
        detail.draw(canvas, x, y);
    }
    canvas.close();
    draw_gateways(canvas, vpc, rect);
}

/// The gateways stand on the VPC's border, each under the internet.
fn draw_gateways(canvas: &mut Canvas, vpc: &VpcNode, rect: Rect) {
    let count = vpc.internet_gateways.len() as f64;
    let mut middle = rect.x + rect.width / 2.0 - (count - 1.0) * (GATEWAY_WIDTH + GAP) / 2.0;
    for gateway in &vpc.internet_gateways {
        let top = rect.y - GATEWAY / 2.0;
        draw_internet(canvas, middle, top - WIRE - INTERNET);
        canvas.path("wire", &format!("M{} {}v{}", number(middle), number(top - WIRE), number(WIRE)));
        draw_gateway(canvas, gateway, middle, top);
        middle += GATEWAY_WIDTH + GAP;
    }
}

fn draw_internet(canvas: &mut Canvas, middle: f64, top: f64) {
    const ICON: f64 = 7.5;
    let text = Font::Small.width("internet");
    let width = text + 2.0 * ICON + 8.0 + 36.0;
    canvas.open("internet", None, "the internet");
    let rect = Rect { x: middle - width / 2.0, y: top, width, height: INTERNET };
    canvas.rect("box-internet", rect, INTERNET / 2.0);
    let (x, y) = (rect.x + 18.0 + ICON, top + INTERNET / 2.0);
    canvas.path("icon icon-internet", &globe(x, y, ICON));
    let label = Line {
        text: "internet",
        font: Font::Small,
        tone: "t-internet",
        x: x + ICON + 8.0,
        y: y + 4.2,
        limit: text,
        cut: Cut::End,
    };
    canvas.text(&label);
    canvas.close();
}

fn globe(x: f64, y: f64, radius: f64) -> String {
    let (left, top, half) = (number(x - radius), number(y - radius), number(radius / 2.2));
    let (x, y, radius, width) = (number(x), number(y), number(radius), number(2.0 * radius));
    format!(
        "M{left} {y}a{radius} {radius} 0 1 0 {width} 0a{radius} {radius} 0 1 0 -{width} 0h{width}\
         M{x} {top}a{half} {radius} 0 0 0 0 {width}a{half} {radius} 0 0 0 0 -{width}"
    )
}

fn draw_gateway(canvas: &mut Canvas, gateway: &Named, middle: f64, top: f64) {
    let label = gateway.label();
    let text = Font::Small.width(&label).max(Font::Text.width("internet gateway"));
    let width = (text + 70.0).min(GATEWAY_WIDTH);
    let rect = Rect { x: middle - width / 2.0, y: top, width, height: GATEWAY };
    let id = gateway.id.to_string();
    canvas.open("gateway", Some(&id), &format!("internet gateway {}", gateway.full()));
    canvas.rect("box box-gateway", rect, GATEWAY / 2.0);
    let (x, y) = (rect.x + 24.0, top + GATEWAY / 2.0);
    let (left, up) = (number(x - 5.0), number(y - 3.0));
    // Two arrows: out above, in below.
    let (right, down) = (number(x + 5.0), number(y + 3.0));
    canvas.path("icon icon-gateway", &format!("M{left} {up}h10m-3 -3l3 3l-3 3M{right} {down}h-10m3 -3l-3 3l3 3"));
    let (x, limit) = (rect.x + 40.0, width - 40.0 - 20.0);
    let name = Line { text: &label, font: Font::Small, tone: "t-gateway", x, y: y - 2.5, limit, cut: Cut::Middle };
    canvas.text(&name);
    canvas.text(&Line { text: "internet gateway", font: Font::Text, tone: "t-soft", y: y + 12.5, ..name });
    canvas.close();
}

fn draw_zone(canvas: &mut Canvas, plan: &VpcPlan<'_>, zone: &ZonePlan<'_>, rect: Rect) {
    canvas.open("zone", None, &format!("Availability Zone {}", zone.zone.name));
    canvas.rect("box box-zone", rect, 8.0);
    let (x, limit) = (rect.x + ZONE_PAD, rect.width - 2.0 * ZONE_PAD);
    let y = rect.y + ZONE_PAD + 11.0;
    canvas.text(&Line { text: &zone.zone.name, font: Font::Small, tone: "t-soft", x, y, limit, cut: Cut::Middle });
    let mut y = rect.y + ZONE_PAD + ZONE_HEAD;
    for (subnet, height) in zone.subnets.iter().zip(&plan.rows) {
        if let Some(subnet) = subnet {
            let height = zone.height_in_row(subnet, *height);
            draw_subnet(canvas, plan.vpc, zone, subnet, Rect { x, y, width: limit, height });
        }
        y += height + ZONE_PAD;
    }
    canvas.close();
}

fn draw_subnet(canvas: &mut Canvas, vpc: &VpcNode, zone: &ZonePlan<'_>, subnet: &SubnetNode, rect: Rect) {
    let id = subnet.named.id.to_string();
    let (tone, frame) = match subnet.public {
        true => ("t-public", "box box-public"),
        false => ("t-private", "box box-private"),
    };
    let access = subnet.access();
    let title = format!("{access} subnet {}, {}: {}", subnet.named.full(), subnet.blocks(), subnet.because);
    canvas.open("subnet", Some(&id), &title);
    canvas.rect(frame, rect, 8.0);
    draw_subnet_head(canvas, vpc, subnet, rect, tone);
    let (left, mut y) = (rect.x + SUBNET_PAD, rect.y + SUBNET_PAD + SUBNET_HEAD);
    if subnet.hosts().next().is_none() {
        let limit = rect.width - 2.0 * SUBNET_PAD;
        let y = y + EMPTY - 9.0;
        canvas.text(&Line {
            text: "no instances",
            font: Font::Text,
            tone: "t-faint",
            x: left,
            y,
            limit,
            cut: Cut::End,
        });
    }
    for (height, row) in zone.card_rows(subnet) {
        let mut x = left;
        for host in row {
            card::draw(canvas, host, Rect { x, y, width: zone.card_width, height });
            x += zone.card_width + CARD_GAP;
        }
        y += height + CARD_GAP;
    }
    canvas.close();
}

/// Name and badge, block and free addresses, the way out, the route table.
fn draw_subnet_head(canvas: &mut Canvas, vpc: &VpcNode, subnet: &SubnetNode, rect: Rect, tone: &'static str) {
    let (x, right) = (rect.x + SUBNET_PAD, rect.right() - SUBNET_PAD);
    let y = rect.y + SUBNET_PAD;
    let badge_text = Font::Text.width(subnet.access());
    let badge = Rect { x: right - badge_text - 16.0, y: y - 2.0, width: badge_text + 16.0, height: 20.0 };
    let label = subnet.named.label();
    let name = Line {
        text: &label,
        font: Font::Name,
        tone: "t-ink",
        x,
        y: y + 12.5,
        limit: badge.x - x - 10.0,
        cut: Cut::Middle,
    };
    canvas.text(&name);
    canvas.rect(if subnet.public { "badge-public" } else { "badge-private" }, badge, 10.0);
    let middle = badge.x + badge.width / 2.0;
    canvas.text_middle(&Line { text: subnet.access(), font: Font::Text, tone, x: middle, limit: badge_text, ..name });

    let free = format!("{} free", subnet.available_ip_address_count);
    let free_width = Font::Text.width(&free);
    let y = y + 32.0;
    canvas.text(&Line {
        text: &subnet.blocks(),
        font: Font::Code,
        tone: "t-soft",
        y,
        limit: right - x - free_width - 10.0,
        cut: Cut::End,
        ..name
    });
    canvas.text_end(&Line { text: &free, font: Font::Text, tone: "t-faint", x: right, y, limit: free_width, ..name });
    let line = Line { font: Font::Text, limit: right - x, cut: Cut::End, ..name };
    canvas.text(&Line { text: &subnet.because, tone, y: y + 18.0, ..line });
    canvas.text(&Line { text: &table_line(vpc, subnet), tone: "t-faint", y: y + 35.5, ..line });
}

fn table_line(vpc: &VpcNode, subnet: &SubnetNode) -> String {
    let Some(table) = &subnet.route_table else { return "route table not known".to_owned() };
    let node = vpc.route_tables.iter().find(|node| node.named.id == table.id);
    format!("{} {}", node.map_or("route table", |node| node.kind()), table.label())
}

/// What is attached to nothing, below all VPCs. Gives the y below it, with the gap that follows a VPC.
fn draw_unattached(canvas: &mut Canvas, topology: &Topology, width: f64, top: f64) -> f64 {
    const BOX: f64 = 46.0;
    const LEAST: f64 = 290.0;
    let gateways =
        topology.internet_gateways.iter().map(|gateway| (gateway, "internet gateway, not attached".to_owned()));
    let addresses = topology.addresses.iter().map(|address| {
        let state = address.network_interface.map_or_else(|| "not associated".to_owned(), |id| format!("at {id}"));
        (&address.named, format!("Elastic IP {}, {state}", address.public_ip))
    });
    let items: Vec<(&Named, String)> = gateways.chain(addresses).collect();
    let abreast = (((width + GAP) / (LEAST + GAP)).floor() as usize).max(1);
    let box_width = (width - GAP * (abreast - 1) as f64) / abreast as f64;
    let mut y = top;
    for row in items.chunks(abreast) {
        for (index, (named, text)) in row.iter().enumerate() {
            let rect = Rect { x: MARGIN + index as f64 * (box_width + GAP), y, width: box_width, height: BOX };
            let id = named.id.to_string();
            canvas.open("unattached", Some(&id), &format!("{}, {text}", named.full()));
            canvas.rect("box box-interface", rect, 6.0);
            let (x, limit, label) = (rect.x + 12.0, box_width - 24.0, named.label());
            let name = Line { text: &label, font: Font::Small, tone: "t-ink", x, y: y + 19.0, limit, cut: Cut::Middle };
            canvas.text(&name);
            canvas.text(&Line { text, font: Font::Text, tone: "t-faint", y: y + 35.0, cut: Cut::End, ..name });
            canvas.close();
        }
        y += BOX + GAP;
    }
    match (items.is_empty(), topology.vpcs.is_empty()) {
        (false, _) => y - GAP + VPC_GAP,
        (true, false) => y,
        (true, true) => {
            let text = Line {
                text: "nothing here",
                font: Font::Text,
                tone: "t-faint",
                x: MARGIN,
                y: y + 24.0,
                limit: width,
                cut: Cut::End,
            };
            canvas.text(&text);
            y + 32.0 + VPC_GAP
        }
    }
}
