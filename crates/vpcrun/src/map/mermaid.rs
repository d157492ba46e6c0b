//! The topology as a Mermaid flowchart, which GitHub, GitLab and many editors draw.

use std::fmt::Write as _;

use vpcrun_model::Network;

use super::text::clean;
use super::topology::{Named, SubnetNode, Topology, VpcNode};

/// Titles of subgraphs have up to two lines here; Mermaid keeps room for one.
const HEAD: &str = r#"%%{init: {"flowchart": {"wrappingWidth": 320, "subGraphTitleMargin": {"top": 4, "bottom": 28}}}}%%
flowchart TB
"#;

/// The network as a Mermaid flowchart: VPCs, zones and subnets as nested subgraphs, gateways, instances and network
/// interfaces as nodes, edges from the internet over gateways to the public subnets.
#[must_use]
pub fn mermaid(network: &Network) -> String {
    let topology = Topology::of(network);
    let mut out = HEAD.to_owned();
    if topology.vpcs.iter().any(|vpc| !vpc.internet_gateways.is_empty()) {
        out.push_str("  internet((\"internet\"))\n");
    }
    for vpc in &topology.vpcs {
        write_vpc(&mut out, vpc);
    }
    for gateway in &topology.internet_gateways {
        node(&mut out, 1, gateway, ["([", "])"], &[gateway.label(), "internet gateway, not attached".to_owned()]);
    }
    for address in &topology.addresses {
        let public_ip = format!("Elastic IP {}", address.public_ip);
        node(&mut out, 1, &address.named, ["[", "]"], &[address.named.label(), public_ip]);
    }
    for vpc in &topology.vpcs {
        write_edges(&mut out, vpc);
    }
    write_classes(&mut out, &topology);
    out
}

fn write_vpc(out: &mut String, vpc: &VpcNode) {
    open(out, 1, &id(&vpc.named), &[format!("{} {}", vpc.named.label(), vpc.blocks())]);
    for gateway in &vpc.internet_gateways {
        node(out, 2, gateway, ["([", "])"], &[gateway.label(), "internet gateway".to_owned()]);
    }
    for (index, zone) in vpc.zones.iter().enumerate() {
        open(out, 2, &zone_id(vpc, index), std::slice::from_ref(&zone.name));
        for subnet in &zone.subnets {
            write_subnet(out, subnet);
        }
        close(out, 2);
    }
    close(out, 1);
}

fn write_subnet(out: &mut String, subnet: &SubnetNode) {
    let access = format!("{}: {}", subnet.access(), subnet.because);
    let head = format!("{} {}", subnet.named.label(), subnet.blocks());
    open(out, 3, &id(&subnet.named), &[head, access]);
    for host in subnet.hosts() {
        node(out, 4, &host.named, ["[", "]"], &host.lines());
    }
    close(out, 3);
}

fn write_edges(out: &mut String, vpc: &VpcNode) {
    for gateway in &vpc.internet_gateways {
        let _ = writeln!(out, "  internet --- {}", id(gateway));
    }
    for (gateway, subnet) in vpc.doors() {
        let _ = writeln!(out, "  {} --- {}", id(gateway), id(&subnet.named));
    }
}

fn write_classes(out: &mut String, topology: &Topology) {
    let subnets = || topology.vpcs.iter().flat_map(VpcNode::subnets);
    let of_access = |public| subnets().filter(move |subnet| subnet.public == public).map(|subnet| id(&subnet.named));
    let zones = |vpc: &VpcNode| (0..vpc.zones.len()).map(|index| zone_id(vpc, index)).collect::<Vec<_>>();
    let areas = topology.vpcs.iter().flat_map(|vpc| std::iter::once(id(&vpc.named)).chain(zones(vpc)));
    for (class, ids, style) in [
        ("area", areas.collect::<Vec<_>>(), "fill:none,stroke:#8794a3"),
        ("public", of_access(true).collect(), "fill:#edf7f0,stroke:#82bd98,color:#1a6a3a"),
        ("private", of_access(false).collect(), "fill:#eef3fb,stroke:#96b3dd,color:#2a548f"),
    ] {
        if !ids.is_empty() {
            let _ = writeln!(out, "  classDef {class} {style}");
            let _ = writeln!(out, "  class {} {class}", ids.join(","));
        }
    }
}

fn zone_id(vpc: &VpcNode, index: usize) -> String {
    format!("{}_zone_{index}", id(&vpc.named))
}

fn open(out: &mut String, depth: usize, id: &str, lines: &[String]) {
    let _ = writeln!(out, "{}subgraph {id}[\"{}\"]", "  ".repeat(depth), label(lines));
}

fn close(out: &mut String, depth: usize) {
    let _ = writeln!(out, "{}end", "  ".repeat(depth));
}

fn node(out: &mut String, depth: usize, named: &Named, [left, right]: [&str; 2], lines: &[String]) {
    let _ = writeln!(out, "{}{}{left}\"{}\"{right}", "  ".repeat(depth), id(named), label(lines));
}

/// An id of Mermaid's: letters, digits and underscores.
fn id(named: &Named) -> String {
    named.id.to_string().replace('-', "_")
}

fn label(lines: &[String]) -> String {
    lines.iter().filter(|line| !line.is_empty()).map(|line| escape(line)).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid's own entities, by number, stand for what would end a label, or be read as HTML or Markdown.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | '~' | '$' | ';' | '[' | ']' | '{' | '}' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}
