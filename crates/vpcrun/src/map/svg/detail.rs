//! The boxes below a VPC's zones: its route tables and security groups, at length.

use super::canvas::{Canvas, Line, Rect};
use super::font::Font;
use super::layout::{GAP, ZONE_LEAST};
use crate::map::text::{Cut, counted};
use crate::map::topology::{GroupNode, Named, RouteNode, RouteTableNode, VpcNode};

const PAD: f64 = 12.0;
const LINE: f64 = 18.0;
/// Longer lists end by saying how much more there is.
const MOST_LINES: usize = 10;

/// One box, and where it stands relative to the row's left and top.
pub(super) struct Detail<'a> {
    pub rect: Rect,
    named: &'a Named,
    kind: &'static str,
    lines: Vec<String>,
    /// What follows the table.
    note: Option<String>,
}

/// The boxes of a VPC in rows of this width.
pub(super) fn details(vpc: &VpcNode, width: f64) -> Vec<Detail<'_>> {
    let tables = vpc.route_tables.iter().map(of_table);
    let shown = |group: &&GroupNode| group.used || group.named.name.as_deref() != Some("default");
    let groups = vpc.security_groups.iter().filter(shown).map(of_group);
    let mut details: Vec<Detail<'_>> = tables.chain(groups).collect();
    place(&mut details, width);
    details
}

/// Gives boxes their places: in rows of equal width and height.
fn place(details: &mut [Detail<'_>], width: f64) {
    let abreast = (((width + GAP) / (ZONE_LEAST + GAP)).floor() as usize).max(1);
    let box_width = (width - GAP * (abreast - 1) as f64) / abreast as f64;
    let mut y = 0.0;
    for row in details.chunks_mut(abreast) {
        let height = row.iter().map(Detail::height).fold(0.0, f64::max);
        for (index, detail) in row.iter_mut().enumerate() {
            detail.rect = Rect { x: index as f64 * (box_width + GAP), y, width: box_width, height };
        }
        y += height + GAP;
    }
}

fn of_table(table: &RouteTableNode) -> Detail<'_> {
    let route = |route: &RouteNode| match route.target.as_str() {
        "local" => format!("{} local", route.destination),
        _ => format!("{} via {}", route.destination, route.target_label()),
    };
    let note = match table.subnets.as_slice() {
        [] => "no subnet uses it".to_owned(),
        few if few.len() <= 3 => format!("used by {}", few.iter().map(Named::label).collect::<Vec<_>>().join(", ")),
        many => format!("used by {}", counted(many.len(), "subnet")),
    };
    Detail::new(&table.named, table.kind(), table.routes.iter().map(route).collect(), Some(note))
}

fn of_group(group: &GroupNode) -> Detail<'_> {
    let ingress = group.ingress.iter().map(|rule| format!("in {rule}"));
    // Nearly every group lets everything out: only what differs is news.
    let egress = group.egress.iter().filter(|rule| *rule != "all to 0.0.0.0/0").map(|rule| format!("out {rule}"));
    let mut lines: Vec<String> = ingress.chain(egress).collect();
    if group.ingress.is_empty() {
        lines.insert(0, "in nothing".to_owned());
    }
    if group.egress.is_empty() {
        lines.push("out nothing".to_owned());
    }
    Detail::new(&group.named, "security group", lines, (!group.used).then(|| "nothing uses it".to_owned()))
}

impl<'a> Detail<'a> {
    fn new(named: &'a Named, kind: &'static str, mut lines: Vec<String>, note: Option<String>) -> Self {
        if lines.len() > MOST_LINES {
            let more = lines.len() + 1 - MOST_LINES;
            lines.truncate(MOST_LINES - 1);
            lines.push(format!("and {more} more"));
        }
        Self { rect: Rect { x: 0.0, y: 0.0, width: 0.0, height: 0.0 }, named, kind, lines, note }
    }

    fn height(&self) -> f64 {
        2.0 * PAD + LINE * (1 + self.lines.len() + usize::from(self.note.is_some())) as f64
    }

    /// Draws the box in a row that begins at `left` and `top`.
    pub fn draw(&self, canvas: &mut Canvas, left: f64, top: f64) {
        let rect = Rect { x: left + self.rect.x, y: top + self.rect.y, ..self.rect };
        let id = self.named.id.to_string();
        canvas.open("detail", Some(&id), &format!("{} {}", self.kind, self.named.full()));
        canvas.rect("box box-detail", rect, 6.0);
        let (x, right) = (rect.x + PAD, rect.right() - PAD);
        let mut y = rect.y + PAD + 12.0;
        let kind_width = Font::Text.width(self.kind);
        let (label, text) = (self.named.label(), |text, font, tone, y| Line {
            text,
            font,
            tone,
            x,
            y,
            limit: right - x,
            cut: Cut::End,
        });
        let name =
            Line { limit: right - x - kind_width - 10.0, cut: Cut::Middle, ..text(&label, Font::Small, "t-ink", y) };
        canvas.text(&name);
        canvas.text_end(&Line { x: right, ..text(self.kind, Font::Text, "t-faint", y) });
        for line in &self.lines {
            y += LINE;
            canvas.text(&text(line, Font::Code, "t-soft", y));
        }
        if let Some(note) = &self.note {
            y += LINE;
            canvas.text(&text(note, Font::Text, "t-faint", y));
        }
        canvas.close();
    }
}
