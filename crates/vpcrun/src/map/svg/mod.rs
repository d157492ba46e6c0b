//! The drawing: VPCs one below the other, in each its zones as columns, in those the subnets, in those what has
//! addresses.
//!
//! `layout` says how large things are and where, `draw` and `card` write them; `font` measures text, so that nothing is
//! cut or runs over its box whatever the reader's fonts are.

mod canvas;
mod card;
mod detail;
mod draw;
mod font;
mod layout;
mod theme;

#[cfg(test)]
pub(super) use self::font::Font;
pub use self::theme::Theme;

use vpcrun_model::Network;

use self::canvas::{escape, number};
use super::text::counted;
use super::topology::{SubnetNode, Topology, VpcNode};

/// The network as an SVG document without references to anything outside: subnets coloured public or private, gateways
/// at the border of their VPC, addresses at full length. Names that are too long are shortened, and whole in a
/// `<title>`.
///
/// Every resource is a group with its id as `data-id`. A default security group that nothing uses is left out.
#[must_use]
pub fn svg(network: &Network, theme: Theme) -> String {
    let topology = Topology::of(network);
    let page = draw::page(&topology);
    let (width, height) = (number(page.width), number(page.height));
    let title = format!("VPC network in {}", topology.region);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"vpcrun-map\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"vpcrun-map-title vpcrun-map-desc\">\n  \
         <title id=\"vpcrun-map-title\">{}</title>\n  <desc id=\"vpcrun-map-desc\">{}</desc>\n  \
         <style>\n{}  </style>\n{}</svg>\n",
        escape(&title),
        escape(&description(&topology)),
        theme::style_sheet(theme),
        page.body,
    )
}

/// The drawing in words.
fn description(topology: &Topology) -> String {
    let vpc = |vpc: &VpcNode| {
        let subnet = |subnet: &SubnetNode| {
            let count = counted(subnet.instances.len(), "instance");
            format!("{} ({}, {}) with {count}", subnet.named.label(), subnet.blocks(), subnet.access())
        };
        let subnets: Vec<String> = vpc.subnets().map(subnet).collect();
        let subnets = if subnets.is_empty() { "no subnets".to_owned() } else { subnets.join("; ") };
        format!("VPC {} {}: {subnets}.", vpc.named.label(), vpc.blocks())
    };
    match topology.vpcs.as_slice() {
        [] => "No VPC.".to_owned(),
        vpcs => vpcs.iter().map(vpc).collect::<Vec<_>>().join(" "),
    }
}
