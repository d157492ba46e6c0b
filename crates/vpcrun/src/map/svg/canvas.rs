//! SVG elements, written one after another.

use std::fmt::Write as _;

use super::font::Font;
use crate::map::text::{Cut, clean};

/// A rectangle, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// One line of text.
pub(super) struct Line<'a> {
    pub text: &'a str,
    pub font: Font,
    /// The class that gives the colour.
    pub tone: &'static str,
    pub x: f64,
    /// The baseline.
    pub y: f64,
    /// The text is cut to this width.
    pub limit: f64,
    pub cut: Cut,
}

/// The document's body as it grows.
#[derive(Default)]
pub(super) struct Canvas {
    out: String,
    depth: usize,
}

impl Canvas {
    /// Opens a group: `id` is the resource's, `title` is shown by readers when one points at it, and read to the blind.
    pub fn open(&mut self, class: &str, id: Option<&str>, title: &str) {
        let id = id.map(|id| format!(" data-id=\"{}\"", escape(id))).unwrap_or_default();
        self.line(&format!("<g class=\"{class}\"{id}>"));
        self.depth += 1;
        if !title.is_empty() {
            self.line(&format!("<title>{}</title>", escape(title)));
        }
    }

    pub fn close(&mut self) {
        self.depth -= 1;
        self.line("</g>");
    }

    pub fn rect(&mut self, class: &str, rect: Rect, radius: f64) {
        let Rect { x, y, width, height } = rect;
        let (x, y, width, height) = (number(x), number(y), number(width), number(height));
        let radius = number(radius);
        self.line(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        ));
    }

    pub fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let (x, y, radius) = (number(x), number(y), number(radius));
        self.line(&format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"));
    }

    pub fn path(&mut self, class: &str, data: &str) {
        self.line(&format!("<path class=\"{class}\" d=\"{data}\"/>"));
    }

    /// Text that begins at `x`. What had to be cut is whole in a title of its own.
    pub fn text(&mut self, line: &Line<'_>) {
        self.anchored(line, "");
    }

    /// Text that ends at `x`.
    pub fn text_end(&mut self, line: &Line<'_>) {
        self.anchored(line, " text-anchor=\"end\"");
    }

    /// Text around `x`.
    pub fn text_middle(&mut self, line: &Line<'_>) {
        self.anchored(line, " text-anchor=\"middle\"");
    }

    fn anchored(&mut self, line: &Line<'_>, anchor: &str) {
        let text = clean(line.text);
        let fitted = line.font.fit(&text, line.cut, line.limit);
        if fitted.is_empty() {
            return;
        }
        let title = if fitted == text { String::new() } else { format!("<title>{}</title>", escape(&text)) };
        let (x, y, font, tone) = (number(line.x), number(line.y), line.font.class(), line.tone);
        self.line(&format!(
            "<text class=\"{font} {tone}\" x=\"{x}\" y=\"{y}\"{anchor}>{title}{}</text>",
            escape(&fitted)
        ));
    }

    fn line(&mut self, element: &str) {
        let _ = writeln!(self.out, "{:1$}{element}", "", 2 + 2 * self.depth);
    }

    /// The elements.
    pub fn into_body(self) -> String {
        self.out
    }
}

/// At most one digit after the point.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    format!("{rounded}")
}

/// The text as XML.
pub(super) fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
