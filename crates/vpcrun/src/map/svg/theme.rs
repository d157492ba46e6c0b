//! Colours, and the style sheet.
//!
//! Colours are written out in rules rather than as custom properties: Inkscape, librsvg and LaTeX know no `var()`, and
//! skip what stands under `@media`, so that they show the light drawing.

use std::fmt::Write as _;

use super::font::Font;

/// On what ground the drawing will be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system prefers, light where it does not say.
    #[default]
    Auto,
    /// On white, for print.
    Light,
    /// On a dark ground.
    Dark,
}

// Arial's likes first, then fonts that have Japanese on macOS, Linux and Windows.
const SANS: &str = "\"Helvetica Neue\", Helvetica, Arial, \"Noto Sans\", \
    \"Hiragino Sans\", \"Noto Sans CJK JP\", \"Yu Gothic\", sans-serif";
const MONO: &str = "\"SF Mono\", Menlo, Consolas, \"DejaVu Sans Mono\", \"Liberation Mono\", \
    \"Noto Sans CJK JP\", monospace";

/// Of a class: the property and its value in the light and in the dark drawing.
const COLOURS: &[(&str, &str, &str, &str)] = &[
    ("page", "fill", "#ffffff", "#0f1419"),
    ("box-vpc", "fill", "#fafbfc", "#141a21"),
    ("box-vpc", "stroke", "#8794a3", "#55636f"),
    ("box-zone", "fill", "none", "none"),
    ("box-zone", "stroke", "#bcc5ce", "#3d4954"),
    ("box-public", "fill", "#edf7f0", "#11251a"),
    ("box-public", "stroke", "#82bd98", "#2f744c"),
    ("box-private", "fill", "#eef3fb", "#132036"),
    ("box-private", "stroke", "#96b3dd", "#3a5e95"),
    ("box-card", "fill", "#ffffff", "#1b232c"),
    ("box-card", "stroke", "#d3dae1", "#35414d"),
    ("box-interface", "fill", "#ffffff", "#1b232c"),
    ("box-interface", "stroke", "#aab5c0", "#4d5b68"),
    ("box-detail", "fill", "#f1f4f7", "#1a2129"),
    ("box-detail", "stroke", "#dde3e9", "#2c3641"),
    ("box-gateway", "fill", "#f4eefd", "#241b38"),
    ("box-gateway", "stroke", "#a486d6", "#7a5bb5"),
    ("box-internet", "fill", "#3a4653", "#c3ccd6"),
    ("badge-public", "fill", "#cfead8", "#1d4a31"),
    ("badge-private", "fill", "#d5e2f6", "#203c69"),
    ("wire", "stroke", "#a486d6", "#7a5bb5"),
    ("icon-gateway", "stroke", "#5d3aa3", "#c7aef6"),
    ("icon-internet", "stroke", "#ffffff", "#141a21"),
    ("dot-good", "fill", "#2f9e5c", "#46c17b"),
    ("dot-changing", "fill", "#d9931a", "#e5ab45"),
    ("dot-off", "fill", "#a3adb8", "#66737f"),
    ("t-ink", "fill", "#1d2630", "#e7ebef"),
    ("t-soft", "fill", "#4a5764", "#b2bcc6"),
    ("t-faint", "fill", "#667380", "#8b97a3"),
    ("t-public", "fill", "#1a6a3a", "#83d7a4"),
    ("t-private", "fill", "#2a548f", "#97bdf3"),
    ("t-gateway", "fill", "#5d3aa3", "#c7aef6"),
    ("t-internet", "fill", "#ffffff", "#141a21"),
];

/// The style sheet of a theme. Its rules apply below the class of the drawing only, so that it can stand inside a page.
pub(super) fn style_sheet(theme: Theme) -> String {
    let mut css = shapes();
    match theme {
        Theme::Light => css.push_str(&colours(false)),
        Theme::Dark => css.push_str(&colours(true)),
        Theme::Auto => {
            css.push_str(&colours(false));
            let _ = write!(css, "    @media (prefers-color-scheme: dark) {{\n{}    }}\n", colours(true));
        }
    }
    css
}

fn shapes() -> String {
    let mut css = format!("    .vpcrun-map text {{ font-family: {SANS}; }}\n");
    for font in Font::ALL {
        let weight = if font.is_bold() { 600 } else { 400 };
        let family = if font == Font::Code { format!(" font-family: {MONO};") } else { String::new() };
        let (class, size) = (font.class(), font.size());
        let _ = writeln!(css, "    .vpcrun-map .{class} {{ font-size: {size}px; font-weight: {weight};{family} }}");
    }
    for (classes, rule) in [
        (".box", "stroke-width: 1.25"),
        (".box-vpc", "stroke-width: 1.5"),
        (".box-zone", "stroke-width: 1.25; stroke-dasharray: 5 4"),
        (".box-interface", "stroke-dasharray: 3 3"),
        (".wire", "fill: none; stroke-width: 2"),
        (".icon", "fill: none; stroke-width: 1.4; stroke-linecap: round"),
    ] {
        let _ = writeln!(css, "    .vpcrun-map {classes} {{ {rule}; }}");
    }
    css
}

fn colours(dark: bool) -> String {
    let mut css = String::new();
    for (class, property, light, dark_value) in COLOURS {
        let value = if dark { dark_value } else { light };
        let _ = writeln!(css, "    .vpcrun-map .{class} {{ {property}: {value}; }}");
    }
    css
}
