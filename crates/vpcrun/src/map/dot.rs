//! The topology in Graphviz's language.

use std::fmt::Write as _;

use vpcrun_model::Network;

use super::text::clean;
use super::topology::{Named, SubnetNode, Topology, VpcNode};

const HEAD: &str = r##"graph vpcrun {
  graph [compound=true, fontname="Helvetica,Arial,sans-serif", fontsize=11, labeljust=l, nodesep=0.2, ranksep=0.6];
  node [shape=box, style="rounded,filled", fillcolor=white, color="#aab5c0"];
  node [fontname="Helvetica,Arial,sans-serif", fontsize=10];
  edge [color="#8794a3"];
"##;

/// The network as a Graphviz graph for `dot`: VPCs, zones and subnets as nested clusters, gateways, instances and
/// network interfaces as nodes, edges from the internet over gateways to the public subnets.
#[must_use]
pub fn dot(network: &Network) -> String {
    let topology = Topology::of(network);
    let mut out = HEAD.to_owned();
    if topology.vpcs.iter().any(|vpc| !vpc.internet_gateways.is_empty()) {
        out.push_str("  internet [label=\"internet\", shape=ellipse];\n");
    }
    for vpc in &topology.vpcs {
        write_vpc(&mut out, vpc);
    }
    for gateway in &topology.internet_gateways {
        node(&mut out, 1, gateway, &[gateway.label(), "internet gateway, not attached".to_owned()]);
    }
    for address in &topology.addresses {
        node(&mut out, 1, &address.named, &[address.named.label(), format!("Elastic IP {}", address.public_ip)]);
    }
    for vpc in &topology.vpcs {
        write_edges(&mut out, vpc);
    }
    out.push_str("}\n");
    out
}

fn write_vpc(out: &mut String, vpc: &VpcNode) {
    open(out, 1, &vpc.named.id.to_string(), &[vpc.named.label(), vpc.blocks()], "color=\"#8794a3\", style=rounded");
    for gateway in &vpc.internet_gateways {
        node(out, 2, gateway, &[gateway.label(), "internet gateway".to_owned()]);
    }
    if vpc.zones.is_empty() && vpc.internet_gateways.is_empty() {
        anchor(out, 2, &vpc.named);
    }
    for (index, zone) in vpc.zones.iter().enumerate() {
        let name = format!("{} zone {index}", vpc.named.id);
        open(out, 2, &name, std::slice::from_ref(&zone.name), "color=\"#aab5c0\", style=dashed");
        for subnet in &zone.subnets {
            write_subnet(out, subnet);
        }
        close(out, 2);
    }
    close(out, 1);
}

fn write_subnet(out: &mut String, subnet: &SubnetNode) {
    let access = format!("{}: {}", subnet.access(), subnet.because);
    let style = match subnet.public {
        true => "color=\"#82bd98\", fillcolor=\"#edf7f0\", style=\"rounded,filled\"",
        false => "color=\"#96b3dd\", fillcolor=\"#eef3fb\", style=\"rounded,filled\"",
    };
    let lines = [subnet.named.label(), subnet.blocks(), access];
    open(out, 3, &subnet.named.id.to_string(), &lines, style);
    anchor(out, 4, &subnet.named);
    for host in subnet.hosts() {
        node(out, 4, &host.named, &host.lines());
    }
    close(out, 3);
}

fn write_edges(out: &mut String, vpc: &VpcNode) {
    for gateway in &vpc.internet_gateways {
        let _ = writeln!(out, "  internet -- {};", quoted(&gateway.id.to_string()));
    }
    for (gateway, subnet) in vpc.doors() {
        let cluster = quoted(&format!("cluster {}", subnet.named.id));
        let (from, to) = (quoted(&gateway.id.to_string()), quoted(&subnet.named.id.to_string()));
        let _ = writeln!(out, "  {from} -- {to} [lhead={cluster}];");
    }
}

fn open(out: &mut String, depth: usize, name: &str, lines: &[String], style: &str) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(out, "{indent}subgraph {} {{", quoted(&format!("cluster {name}")));
    // A title is ranged left, line by line.
    let title: String = lines.iter().filter(|line| !line.is_empty()).map(|line| escape(line) + "\\l").collect();
    let _ = writeln!(out, "{indent}  label=\"{title}\"; {};", style.replace(", ", "; "));
}

fn close(out: &mut String, depth: usize) {
    let _ = writeln!(out, "{}}}", "  ".repeat(depth));
}

fn node(out: &mut String, depth: usize, named: &Named, lines: &[String]) {
    let _ = writeln!(out, "{}{} [label={}];", "  ".repeat(depth), quoted(&named.id.to_string()), label(lines));
}

/// What gives an empty cluster a size, and an edge something to lead to: edges to clusters lead to a node inside.
fn anchor(out: &mut String, depth: usize, named: &Named) {
    let _ = writeln!(
        out,
        "{}{} [label=\"\", shape=point, style=invis];",
        "  ".repeat(depth),
        quoted(&named.id.to_string())
    );
}

fn label(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().filter(|line| !line.is_empty()).map(|line| escape(line)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text))
}

/// Inside quotes, Graphviz reads backslashes and HTML entities.
fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
