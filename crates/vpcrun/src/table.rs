//! Tables: aligned columns without borders, two spaces apart, that fit the terminal. The one style of all lists.

use crate::style::{Paint, Role};
use crate::text::{padded, printable, truncated, width, wrapped};

/// What a column does when the table is wider than the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It stays as it is.
    Keep,
    /// An id: it is the first to be cut, to [`SHORT_ID`] columns.
    Id,
    /// It is cut when there is no other way.
    Cut,
    /// It continues on the next lines; for the last column.
    Wrap,
}

/// The columns of an id that had to be cut: `vpc-0b1c6f…`.
pub const SHORT_ID: usize = 11;
/// The narrowest that a column is cut to.
const NARROWEST: usize = 8;
/// The narrowest last column; below it moves to a line of its own.
const NARROWEST_LAST: usize = 16;
const GAP: usize = 2;
const INDENT: usize = 4;

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(Fit, Option<Role>)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: impl IntoIterator<Item = Fit>) -> Self {
        Self { columns: columns.into_iter().map(|fit| (fit, None)).collect(), rows: Vec::new() }
    }

    /// With a colour for one column.
    #[must_use]
    pub fn painted(mut self, column: usize, role: Role) -> Self {
        if let Some(column) = self.columns.get_mut(column) {
            column.1 = Some(role);
        }
        self
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut row: Vec<String> = cells.into_iter().map(|cell| printable(cell.as_ref())).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its lines, fitted to `columns`; without a width, nothing is cut or wrapped.
    #[must_use]
    pub fn lines(&self, columns: Option<usize>, paint: Paint) -> Vec<String> {
        let widths = self.widths(columns);
        self.rows.iter().flat_map(|row| self.row_lines(row, &widths, columns, paint)).collect()
    }

    /// The width of each column but the last, as fitted.
    fn widths(&self, columns: Option<usize>) -> Vec<usize> {
        let natural = |n: usize| self.rows.iter().map(|row| width(&row[n])).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..self.columns.len()).map(natural).collect();
        let Some(columns) = columns else { return widths };
        let last = widths.len().saturating_sub(1);
        let over = |widths: &[usize], last_as: usize| {
            let others: usize = widths.iter().take(last).map(|width| width + GAP).sum();
            (others + last_as).saturating_sub(columns)
        };
        if over(&widths, widths.last().copied().unwrap_or(0)) > 0 {
            for (n, (fit, _)) in self.columns.iter().enumerate() {
                if *fit == Fit::Id {
                    widths[n] = widths[n].min(SHORT_ID);
                }
            }
        }
        let least = widths.last().copied().unwrap_or(0).min(NARROWEST_LAST);
        for (n, (fit, _)) in self.columns.iter().enumerate().take(last) {
            if *fit == Fit::Cut {
                let too_much = over(&widths, least);
                widths[n] = widths[n].saturating_sub(too_much).max(NARROWEST.min(widths[n]));
            }
        }
        widths
    }

    fn row_lines(&self, row: &[String], widths: &[usize], columns: Option<usize>, paint: Paint) -> Vec<String> {
        let Some(last) = row.len().checked_sub(1) else { return Vec::new() };
        let mut line = String::new();
        for n in 0..last {
            let cell = padded(&truncated(&row[n], widths[n]), widths[n]);
            line.push_str(&self.paint(n, &cell, paint));
            line.push_str(&" ".repeat(GAP));
        }
        let start: usize = widths.iter().take(last).map(|width| width + GAP).sum();
        let left = columns.map(|columns| columns.saturating_sub(start));
        let below = left.is_some_and(|left| left < NARROWEST_LAST.min(width(&row[last])));
        let (indent, room) = match columns {
            Some(columns) if below => (INDENT, Some(columns.saturating_sub(INDENT))),
            _ => (start, left),
        };
        let mut cells = match (self.columns[last].0, room) {
            (Fit::Wrap, room) => wrapped(&row[last], room),
            (_, Some(room)) => vec![truncated(&row[last], room)],
            (_, None) => vec![row[last].clone()],
        }
        .into_iter();
        let mut lines = Vec::new();
        if below {
            lines.push(line.trim_end().to_owned());
        } else {
            line.push_str(&self.paint(last, &cells.next().unwrap_or_default(), paint));
            lines.push(line.trim_end().to_owned());
        }
        lines.extend(cells.map(|cell| format!("{}{}", " ".repeat(indent), self.paint(last, &cell, paint))));
        lines
    }

    fn paint(&self, column: usize, text: &str, paint: Paint) -> String {
        match self.columns[column].1 {
            Some(role) => paint.text(role, text),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new([Fit::Keep, Fit::Cut, Fit::Id, Fit::Wrap]);
        table.row(["subnet", "mysubnet-0001", "subnet-0f3a5b7c9d1e2f304", "192.168.1.0/24 ap-northeast-1b 250 free"]);
        table.row(["Elastic IP", "踏み台のアドレス", "eipalloc-0f3a5b7c9d1e2f304", "203.0.113.10"]);
        table
    }

    #[test]
    fn nothing_is_cut_without_a_width() {
        insta::assert_snapshot!(sample().lines(None, Paint::Plain).join("\n"), @r"
        subnet      mysubnet-0001     subnet-0f3a5b7c9d1e2f304    192.168.1.0/24 ap-northeast-1b 250 free
        Elastic IP  踏み台のアドレス  eipalloc-0f3a5b7c9d1e2f304  203.0.113.10
        ");
    }

    #[test]
    fn it_fits_eighty_columns_and_forty() {
        for columns in [80, 60, 40, 20] {
            let lines = sample().lines(Some(columns), Paint::Plain);
            if columns >= 40 {
                assert!(lines.iter().all(|line| width(line) <= columns), "{columns}: {lines:#?}");
            }
        }
        insta::assert_snapshot!(sample().lines(Some(80), Paint::Plain).join("\n"), @r"
        subnet      mysubnet-0001     subnet-0f3…  192.168.1.0/24 ap-northeast-1b 250
                                                   free
        Elastic IP  踏み台のアドレス  eipalloc-0…  203.0.113.10
        ");
        insta::assert_snapshot!(sample().lines(Some(40), Paint::Plain).join("\n"), @r"
        subnet      mysubne…  subnet-0f3…
            192.168.1.0/24 ap-northeast-1b 250
            free
        Elastic IP  踏み台…   eipalloc-0…
            203.0.113.10
        ");
    }

    #[test]
    fn a_name_cannot_act_on_the_terminal() {
        let mut table = Table::new([Fit::Cut, Fit::Wrap]);
        table.row(["\x1b[2J", "x"]);
        assert!(!table.lines(None, Paint::Plain).concat().contains('\x1b'));
    }
}
