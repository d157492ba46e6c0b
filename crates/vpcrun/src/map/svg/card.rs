//! The card of an instance, or of a network interface that belongs to none.

use super::canvas::{Canvas, Line, Rect};
use super::font::Font;
use crate::map::text::Cut;
use crate::map::topology::{HostNode, Named};

const PAD: f64 = 12.0;
/// Where addresses begin, after the words `private` and `public`.
const ADDRESS: f64 = 50.0;

/// From the card's top to the baseline of the name, and of the first address.
const NAME: f64 = 20.5;
const FIRST: f64 = 38.5;
const STEP: f64 = 16.5;
/// From the last baseline to the card's bottom.
const FOOT: f64 = 10.5;

/// One address of a card.
struct AddressLine<'a> {
    word: &'static str,
    text: String,
    tone: &'static str,
    elastic_ip: Option<&'a Named>,
}

/// The addresses of a card: private and public for the primary one, for the others as far as they have it.
fn address_lines(host: &HostNode) -> Vec<AddressLine<'_>> {
    let mut lines = Vec::new();
    for (index, address) in host.addresses.iter().enumerate() {
        let word = if address.private_ip.is_none() && address.ipv6.is_some() { "IPv6" } else { "private" };
        lines.push(AddressLine { word, text: address.private_label(), tone: "t-soft", elastic_ip: None });
        if index == 0 || address.public_ip.is_some() {
            let elastic_ip = address.elastic_ip.as_ref();
            lines.push(AddressLine { word: "public", text: address.public_label(), tone: "t-public", elastic_ip });
        }
    }
    lines
}

/// The height that a card needs.
pub(super) fn height(host: &HostNode) -> f64 {
    FIRST + STEP * address_lines(host).len() as f64 + FOOT
}

/// Draws the card: name, addresses, state and security groups.
pub(super) fn draw(canvas: &mut Canvas, host: &HostNode, rect: Rect) {
    let id = host.named.id.to_string();
    let (class, frame) = match host.is_instance() {
        true => ("instance", "box box-card"),
        false => ("interface", "box box-interface"),
    };
    canvas.open(class, Some(&id), &title(host));
    canvas.rect(frame, rect, 6.0);
    let label = host.named.label();
    let mut name = Line { cut: Cut::Middle, ..line(rect, &label, Font::Small, "t-ink", NAME) };
    if host.is_instance() {
        canvas.circle(dot(&host.state), name.x + 4.0, name.y - 4.3, 4.0);
        name = Line { x: name.x + 13.0, limit: name.limit - 13.0, ..name };
    }
    canvas.text(&name);
    let mut y = FIRST;
    for address in address_lines(host) {
        draw_address(canvas, &address, rect, y);
        y += STEP;
    }
    canvas.text(&line(rect, &status(host), Font::Text, "t-faint", y));
    canvas.close();
}

fn draw_address(canvas: &mut Canvas, address: &AddressLine<'_>, rect: Rect, y: f64) {
    canvas.text(&line(rect, address.word, Font::Text, "t-faint", y));
    let (text, font, tone) = match address.text.as_str() {
        "" => ("none", Font::Text, "t-faint"),
        text => (text, Font::Code, address.tone),
    };
    let whole = line(rect, text, font, tone, y);
    let text = Line { x: whole.x + ADDRESS, limit: whole.limit - ADDRESS, ..whole };
    match address.elastic_ip {
        Some(elastic_ip) => {
            let title = format!("Elastic IP {}", elastic_ip.full());
            canvas.open("address", Some(&elastic_ip.id.to_string()), &title);
            canvas.text(&text);
            canvas.close();
        }
        None => canvas.text(&text),
    }
}

/// A line over the card's width, its baseline `y` below the card's top.
fn line<'a>(rect: Rect, text: &'a str, font: Font, tone: &'static str, y: f64) -> Line<'a> {
    Line { text, font, tone, x: rect.x + PAD, y: rect.y + y, limit: rect.width - 2.0 * PAD, cut: Cut::End }
}

/// State and security groups in one line.
fn status(host: &HostNode) -> String {
    let parts = [host.status().to_owned(), host.group_names()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn dot(state: &str) -> &'static str {
    match state {
        "running" => "dot-good",
        "pending" | "stopping" | "shutting-down" => "dot-changing",
        _ => "dot-off",
    }
}

/// All that is known, in one line.
fn title(host: &HostNode) -> String {
    let kind = host.instance_type.as_ref().map_or_else(|| host.kind.clone(), |kind| format!("{} {kind}", host.kind));
    let rest = host.lines().into_iter().skip(1);
    std::iter::once(format!("{kind} {}", host.named.full())).chain(rest).collect::<Vec<_>>().join(", ")
}
