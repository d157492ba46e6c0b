//! How wide a text can be. The reader's fonts are not known, so every character counts with its greatest width among
//! the fonts that stand in for each other under Arial's name and at the end of the font stack.

use unicode_width::UnicodeWidthChar;

use crate::map::text::{Cut, fit};

/// A font of the drawing: size, weight, family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::map) enum Font {
    /// The region's name.
    Page,
    /// A VPC's name.
    Vpc,
    /// A subnet's name.
    Name,
    /// The name of what is smaller.
    Small,
    /// Plain text.
    Text,
    /// Addresses, blocks, ids, rules.
    Code,
}

impl Font {
    pub const ALL: [Self; 6] = [Self::Page, Self::Vpc, Self::Name, Self::Small, Self::Text, Self::Code];

    /// The class in the style sheet.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Page => "f-page",
            Self::Vpc => "f-vpc",
            Self::Name => "f-name",
            Self::Small => "f-small",
            Self::Text => "f-text",
            Self::Code => "f-code",
        }
    }

    /// In pixels.
    pub const fn size(self) -> f64 {
        match self {
            Self::Page => 20.0,
            Self::Vpc => 16.0,
            Self::Name => 13.5,
            Self::Small => 12.0,
            Self::Text | Self::Code => 11.5,
        }
    }

    pub const fn is_bold(self) -> bool {
        matches!(self, Self::Page | Self::Vpc | Self::Name | Self::Small)
    }

    /// The greatest width of `text`, in pixels.
    pub fn width(self, text: &str) -> f64 {
        let thousandths: f64 = text.chars().map(|c| f64::from(self.advance(c))).sum();
        thousandths * self.size() / 1000.0
    }

    /// `text`, or as much of it as is at most `limit` pixels wide.
    pub fn fit(self, text: &str, cut: Cut, limit: f64) -> String {
        fit(text, cut, limit, |text| self.width(text))
    }

    /// In thousandths of the size.
    fn advance(self, c: char) -> u16 {
        let ascii = u32::from(c).checked_sub(0x20).map(|index| index as usize);
        let listed = |table: &[u16; 95]| ascii.and_then(|index| table.get(index)).copied();
        let known = match self {
            Self::Code => c.is_ascii().then_some(MONO),
            font if font.is_bold() => listed(&BOLD),
            _ => listed(&REGULAR),
        };
        known.unwrap_or_else(|| other(c))
    }
}

/// The advance of a character that no table lists.
fn other(c: char) -> u16 {
    match c.width() {
        Some(0) => 0,
        Some(1) if matches!(c, '·' | '–' | '…') => 1000,
        // Capital letters of Cyrillic reach this in a bold font.
        Some(1) => 1200,
        // Colour emoji are wider than an em; ideographs and kana are one.
        _ if u32::from(c) >= 0x1f000 && !matches!(u32::from(c), 0x20000..=0x3ffff) => 1350,
        _ => 1000,
    }
}

/// Courier New, Liberation Mono: 600; DejaVu Sans Mono, Menlo: 602; SF Mono: 618.
const MONO: u16 = 620;

// For U+0020 to U+007E: the greatest of Liberation Sans (as wide as Arial and Helvetica), Noto Sans and DejaVu Sans.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 551, 838, 318, 361, 318, 372, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 557, 1016, 685, 687, 723, 771, 667,
    611, 778, 752, 339, 500, 667, 558, 907, 760, 788, 667, 788, 723, 667, 611, 732, 685, 989, 686,
    667, 686, 391, 372, 391, 838, 557, 500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580,
    278, 975, 634, 612, 635, 635, 413, 521, 393, 634, 592, 818, 592, 592, 525, 637, 551, 637, 838,
];
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 545, 838, 380, 416, 380, 413, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 611, 1000, 774, 763, 734, 831, 684,
    684, 821, 837, 389, 557, 775, 638, 996, 837, 851, 733, 851, 771, 721, 683, 813, 774, 1104, 771,
    725, 726, 458, 413, 458, 838, 557, 500, 675, 716, 593, 716, 679, 436, 716, 712, 343, 343, 666,
    343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 551, 712, 838,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_widest_font() {
        assert_eq!(Font::Text.width(""), 0.0);
        assert!((Font::Text.width("0") - 0.637 * 11.5).abs() < 1e-9);
        assert!((Font::Code.width("192.168.1.4") - 11.0 * 0.62 * 11.5).abs() < 1e-9);
        assert!(Font::Name.width("東京") >= 2.0 * 13.5, "an ideograph is one em");
        assert_eq!(Font::Name.width("\u{301}"), 0.0, "a combining mark has no width of its own");
    }

    #[test]
    fn a_fitted_text_fits() {
        for text in ["myinstance-0001", "踏み台サーバー（東京）", "ЩЩЩЩЩЩЩЩЩЩ", "👩‍💻👩‍💻👩‍💻👩‍💻", "WWWWWWWW"]
        {
            for font in Font::ALL {
                let fitted = font.fit(text, Cut::Middle, 60.0);
                assert!(font.width(&fitted) <= 60.0, "{fitted}");
                assert!(fitted == text || fitted.contains('…'), "{fitted}");
            }
        }
    }
}
