//! The tree for the terminal.
//!
//! Rows of one kind (subnets, instances, …) form a table: their columns are aligned over the whole VPC. A table that is
//! too wide first takes short forms (ids, reasons), then its longest texts are cut, never the addresses.

use std::collections::BTreeMap;

use vpcrun_model::Network;

use super::text::{Cut, clean, columns, counted, fit_columns, short_id};
use super::topology::{
    AddressNode, HostAddress, HostNode, Named, RouteNode, RouteTableNode, SubnetNode, Topology, VpcNode, ZoneNode,
};
use crate::style::{Paint, Role};

/// How the tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeOptions {
    /// The columns of the terminal; no row is wider unless this is under 72.
    pub width: usize,
    /// Whether to colour.
    pub paint: Paint,
}

impl Default for TreeOptions {
    fn default() -> Self {
        Self { width: 80, paint: Paint::Plain }
    }
}

/// The network as a tree, each line ended: VPCs with their gateways, route tables and zones, zones with subnets and why
/// they are public or private, subnets with what is in them; at the end what is attached to nothing.
#[must_use]
pub fn tree(network: &Network, options: TreeOptions) -> String {
    let topology = Topology::of(network);
    let mut roots: Vec<Row> = topology.vpcs.iter().map(vpc_row).collect();
    roots.extend(region_row(&topology));
    roots.iter().map(|root| render(root, options)).collect::<Vec<_>>().join("\n")
}

/// Rows of one kind are one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Root,
    Part,
    Route,
    Zone,
    Subnet,
    Host,
    Address,
}

struct Row {
    kind: Kind,
    cells: Vec<Cell>,
    children: Vec<Row>,
}

impl Row {
    fn new(kind: Kind, cells: Vec<Cell>) -> Self {
        Self { kind, cells, children: Vec::new() }
    }

    fn with(self, children: Vec<Self>) -> Self {
        Self { children, ..self }
    }
}

#[derive(Clone)]
struct Cell {
    text: String,
    /// A form for tables that are too wide.
    short: Option<String>,
    /// Where the text may be cut.
    cut: Option<Cut>,
    role: Option<Role>,
}

impl Cell {
    fn new(text: impl AsRef<str>) -> Self {
        Self { text: clean(text.as_ref()), short: None, cut: None, role: None }
    }

    fn cut(self, cut: Cut) -> Self {
        Self { cut: Some(cut), ..self }
    }

    fn short(self, short: impl AsRef<str>) -> Self {
        Self { short: Some(clean(short.as_ref())), ..self }
    }

    fn role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// The name, or the id of what has none.
    fn label(named: &Named) -> Self {
        match &named.name {
            Some(name) => Self::new(name).cut(Cut::Middle).role(Role::Strong),
            None => Self::id(named),
        }
    }

    fn id(named: &Named) -> Self {
        let id = named.id.to_string();
        Self::new(&id).short(short_id(&id)).role(Role::Faint)
    }
}

fn vpc_row(vpc: &VpcNode) -> Row {
    let mut cells = vec![Cell::label(&vpc.named), Cell::new(vpc.blocks()).cut(Cut::End)];
    if vpc.named.name.is_some() {
        cells.push(Cell::id(&vpc.named));
    }
    if vpc.is_default {
        cells.push(Cell::new("default VPC"));
    }
    let gateway = |gateway: &Named| Row::new(Kind::Part, vec![Cell::label(gateway), Cell::new("internet gateway")]);
    let mut children: Vec<Row> = vpc.internet_gateways.iter().map(gateway).collect();
    children.extend(vpc.route_tables.iter().map(route_table_row));
    children.extend(vpc.zones.iter().map(zone_row));
    if vpc.zones.is_empty() {
        children.push(Row::new(Kind::Zone, vec![Cell::new("no subnets").role(Role::Faint)]));
    }
    Row::new(Kind::Root, cells).with(children)
}

/// A single way out stands in the table's own row, several stand below it.
fn route_table_row(table: &RouteTableNode) -> Row {
    let out: Vec<_> = table.routes_out().collect();
    let summary = match out.as_slice() {
        [] => Cell::new("local routes only").role(Role::Faint),
        [route] => Cell::new(format!("{} via {}", route.destination, route.target_label())).cut(Cut::End),
        several => Cell::new(counted(several.len(), "route")),
    };
    let row = Row::new(Kind::Part, vec![Cell::label(&table.named), Cell::new(table.kind()), summary]);
    if out.len() < 2 {
        return row;
    }
    let route_row = |route: &&RouteNode| {
        let target = Cell::new(format!("via {}", route.target_label())).cut(Cut::End);
        Row::new(Kind::Route, vec![Cell::new(&route.destination).cut(Cut::Middle), target])
    };
    row.with(out.iter().map(route_row).collect())
}

fn zone_row(zone: &ZoneNode) -> Row {
    Row::new(Kind::Zone, vec![Cell::new(&zone.name)]).with(zone.subnets.iter().map(subnet_row).collect())
}

fn subnet_row(subnet: &SubnetNode) -> Row {
    let role = if subnet.public { Role::Good } else { Role::Help };
    let access = Cell::new(format!("{}: {}", subnet.access(), subnet.because))
        .short(format!("{}: {}", subnet.access(), subnet.because_short))
        .cut(Cut::End)
        .role(role);
    let free = Cell::new(format!("{} free", subnet.available_ip_address_count)).role(Role::Faint);
    let blocks = Cell::new(subnet.blocks()).cut(Cut::End);
    let cells = vec![Cell::label(&subnet.named), blocks, access, free];
    Row::new(Kind::Subnet, cells).with(subnet.hosts().map(host_row).collect())
}

fn host_row(host: &HostNode) -> Row {
    let role = match host.state.as_str() {
        "running" | "in-use" => Role::Good,
        "pending" | "stopping" | "shutting-down" | "attaching" | "detaching" => Role::Changed,
        _ => Role::Faint,
    };
    let first = host.addresses.first();
    let cells = vec![
        Cell::label(&host.named),
        Cell::new(first.map(HostAddress::private_label).unwrap_or_default()),
        Cell::new(first.map(HostAddress::public_label).unwrap_or_default()),
        Cell::new(host.status()).short(host.status().trim_start_matches("network ")).cut(Cut::End).role(role),
        Cell::new(host.group_names()).cut(Cut::End),
    ];
    let address_row = |address: &HostAddress| {
        let interface = address.network_interface.map(|id| id.to_string()).unwrap_or_default();
        let interface = Cell::new(&interface).short(short_id(&interface)).role(Role::Faint);
        Row::new(Kind::Address, vec![Cell::new(address.private_label()), Cell::new(address.public_label()), interface])
    };
    Row::new(Kind::Host, cells).with(host.addresses.iter().skip(1).map(address_row).collect())
}

/// What is attached to nothing, under the region's name.
fn region_row(topology: &Topology) -> Option<Row> {
    let gateway = |gateway: &Named| {
        vec![Cell::label(gateway), Cell::new("internet gateway"), Cell::new("not attached").role(Role::Changed)]
    };
    let address = |address: &AddressNode| {
        let state = match address.network_interface {
            Some(interface) => Cell::new(format!("associated with {interface}")).cut(Cut::End),
            None => Cell::new("not associated").role(Role::Changed),
        };
        let kind = Cell::new(format!("Elastic IP {}", address.public_ip));
        vec![Cell::label(&address.named), kind, state]
    };
    let cells = topology.internet_gateways.iter().map(gateway).chain(topology.addresses.iter().map(address));
    let children: Vec<Row> = cells.map(|cells| Row::new(Kind::Part, cells)).collect();
    let empty = topology.vpcs.is_empty() && children.is_empty();
    let note = empty.then(|| Cell::new("nothing here").role(Role::Faint));
    let head = [Cell::new(&topology.region).role(Role::Strong)].into_iter().chain(note).collect();
    (empty || !children.is_empty()).then(|| Row::new(Kind::Root, head).with(children))
}

/// The column widths of the tables.
type Widths = BTreeMap<Kind, Vec<usize>>;

fn render(root: &Row, options: TreeOptions) -> String {
    let mut tables: BTreeMap<Kind, (usize, Vec<&[Cell]>)> = BTreeMap::new();
    collect(root, 0, &mut tables);
    let mut short = BTreeMap::new();
    let mut widths = Widths::new();
    for (kind, (depth, rows)) in &tables {
        let (fitted, shortened) = fit_table(rows, options.width.saturating_sub(INDENT * depth));
        widths.insert(*kind, fitted);
        short.insert(*kind, shortened);
    }
    let mut out = String::new();
    let shape = Shape { widths, short, options };
    shape.write(root, "", "", &mut out);
    out
}

/// The columns that one level of the tree takes.
const INDENT: usize = 3;
const GAP: &str = "  ";
/// A text that may be cut keeps at least this much.
const LEAST: usize = 8;

fn collect<'a>(row: &'a Row, depth: usize, tables: &mut BTreeMap<Kind, (usize, Vec<&'a [Cell]>)>) {
    tables.entry(row.kind).or_insert_with(|| (depth, Vec::new())).1.push(&row.cells);
    for child in &row.children {
        collect(child, depth + 1, tables);
    }
}

/// The widths of a table's columns within `available`, and which columns take their short forms.
fn fit_table(rows: &[&[Cell]], available: usize) -> (Vec<usize>, Vec<bool>) {
    let count = rows.iter().map(|cells| cells.len()).max().unwrap_or_default();
    let mut short = vec![false; count];
    let column = |index: usize| rows.iter().filter_map(move |cells| cells.get(index));
    let natural = |index: usize, short: bool| column(index).map(|cell| columns(form(cell, short))).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..count).map(|index| natural(index, false)).collect();
    let total = |widths: &[usize]| {
        let shown = widths.iter().filter(|width| **width > 0).count();
        widths.iter().sum::<usize>() + GAP.len() * shown.saturating_sub(1)
    };
    for index in (0..count).rev() {
        if total(&widths) > available {
            short[index] = true;
            widths[index] = natural(index, true);
        }
    }
    while total(&widths) > available {
        let flexible = |index: &usize| widths[*index] > LEAST && column(*index).any(|cell| cell.cut.is_some());
        let Some(widest) = (0..count).filter(flexible).max_by_key(|index| widths[*index]) else { break };
        widths[widest] -= 1;
    }
    (widths, short)
}

fn form(cell: &Cell, short: bool) -> &str {
    cell.short.as_deref().filter(|_| short).unwrap_or(&cell.text)
}

struct Shape {
    widths: Widths,
    short: BTreeMap<Kind, Vec<bool>>,
    options: TreeOptions,
}

impl Shape {
    fn write(&self, row: &Row, first: &str, rest: &str, out: &mut String) {
        out.push_str(&self.options.paint.text(Role::Faint, first));
        out.push_str(&self.line(row));
        out.push('\n');
        for (index, child) in row.children.iter().enumerate() {
            let (branch, below) =
                if index + 1 == row.children.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.write(child, &format!("{rest}{branch}"), &format!("{rest}{below}"), out);
        }
    }

    fn line(&self, row: &Row) -> String {
        let (widths, short) = (&self.widths[&row.kind], &self.short[&row.kind]);
        let mut line = String::new();
        let mut padding = 0;
        for (index, cell) in row.cells.iter().enumerate().filter(|(index, _)| widths[*index] > 0) {
            let text = form(cell, short[index]);
            let text = fit_columns(text, cell.cut.unwrap_or(Cut::Middle), widths[index]);
            if !text.is_empty() {
                line.push_str(&" ".repeat(padding));
                padding = 0;
                match cell.role {
                    Some(role) => line.push_str(&self.options.paint.text(role, &text)),
                    None => line.push_str(&text),
                }
            }
            padding += widths[index] - columns(&text) + GAP.len();
        }
        line
    }
}
