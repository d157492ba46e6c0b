//! The line editor: rustyline with Lua's colours, brackets and completion, and the modes of the user's inputrc.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustyline::completion::Pair;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{ColorMode, CompletionType, Config, Context, EditMode, Helper};

use super::complete::Completer;
use super::highlight::coloured_from;
use super::history::{LONGEST, may_be_kept};
use crate::exit::Exit;
use crate::lua::Fault;
use crate::style::{Paint, Role};

/// What the person has done at the prompt.
pub enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C: the line is gone.
    Cancelled,
    /// Ctrl-D.
    Ended,
}

/// The editor of a session.
pub struct Editor {
    inner: rustyline::Editor<LuaHelper, FileHistory>,
    history: Option<PathBuf>,
}

struct LuaHelper {
    completer: Option<Rc<Completer>>,
    /// The lines of an unfinished chunk, above the one that is typed.
    above: RefCell<String>,
    paint: Paint,
    /// The line is about to be left: nothing is marked in it any more.
    leaving: Cell<bool>,
}

impl Editor {
    /// An editor. `inputrc` is the text of the user's inputrc, `history` the file for history.
    ///
    /// # Errors
    /// When the terminal cannot be used.
    pub fn new(inputrc: Option<&str>, history: Option<PathBuf>, paint: Paint) -> Result<Self, Fault> {
        let unusable =
            |error| Fault::new(Exit::Failed, format!("the terminal cannot be used: {error}")).code("Terminal");
        let mode = if inputrc.is_some_and(wants_vi) { EditMode::Vi } else { EditMode::Emacs };
        let config = Config::builder()
            .max_history_size(LONGEST)
            .map_err(unusable)?
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .completion_prompt_limit(200)
            .edit_mode(mode)
            .color_mode(if paint == Paint::Plain { ColorMode::Disabled } else { ColorMode::Enabled })
            .bell_style(rustyline::config::BellStyle::None)
            .build();
        let mut inner = rustyline::Editor::with_config(config).map_err(unusable)?;
        let (above, leaving) = (RefCell::default(), Cell::new(false));
        inner.set_helper(Some(LuaHelper { completer: None, above, paint, leaving }));
        if let Some(file) = &history {
            // A missing or unreadable history is an empty one.
            let _ = inner.load_history(file);
        }
        Ok(Self { inner, history })
    }

    /// Sets what completes from now on.
    pub fn complete_with(&mut self, completer: Rc<Completer>) {
        if let Some(helper) = self.inner.helper_mut() {
            helper.completer = Some(completer);
        }
    }

    /// Reads a line. `above` holds the lines of the chunk before it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn read(&mut self, prompt: &str, above: &str) -> Result<Typed, Fault> {
        if let Some(helper) = self.inner.helper() {
            helper.above.replace(above.to_owned());
            helper.leaving.set(false);
        }
        match self.inner.readline(prompt) {
            Ok(line) => Ok(Typed::Line(line)),
            Err(ReadlineError::Interrupted) => Ok(Typed::Cancelled),
            Err(ReadlineError::Eof) => Ok(Typed::Ended),
            Err(error) => {
                Err(Fault::new(Exit::Failed, format!("the terminal cannot be read: {error}")).code("Terminal"))
            }
        }
    }

    /// Keeps an input in the history, in memory and on disk, unless it holds a secret.
    pub fn remember(&mut self, input: &str) {
        if !may_be_kept(input) || !self.inner.add_history_entry(input).unwrap_or(false) {
            return;
        }
        if let Some(file) = &self.history {
            // A session without a history on disk is better than none.
            let _ = private_folder(file).and_then(|()| self.inner.append_history(file).map_err(std::io::Error::other));
        }
    }
}

/// Makes the folder of a file, for its owner alone. rustyline gives the file itself mode 0600.
fn private_folder(file: &Path) -> std::io::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether an inputrc sets vi's keys, for every program or for vpcrun. The last word counts.
#[must_use]
pub fn wants_vi(inputrc: &str) -> bool {
    let mut vi = false;
    let mut applies = vec![true];
    for line in inputrc.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["$if", what, ..] => applies.push(what.eq_ignore_ascii_case("vpcrun") || what.starts_with("term=")),
            ["$else", ..] => {
                if let Some(last) = applies.last_mut() {
                    *last = !*last;
                }
            }
            ["$endif", ..] if applies.len() > 1 => {
                applies.pop();
            }
            ["set", "editing-mode", mode, ..] if applies.iter().all(|applies| *applies) => vi = *mode == "vi",
            _ => {}
        }
    }
    vi
}

impl Helper for LuaHelper {}

impl Validator for LuaHelper {}

impl Hinter for LuaHelper {
    type Hint = String;
}

impl rustyline::completion::Completer for LuaHelper {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let Some(completer) = &self.completer else { return Ok((cursor, Vec::new())) };
        let above = self.above.borrow();
        let (start, pairs) = completer.complete(&format!("{above}{line}"), above.len() + cursor);
        Ok((start.saturating_sub(above.len()), pairs))
    }
}

impl Highlighter for LuaHelper {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        if self.paint == Paint::Plain || line.trim_start().starts_with('.') {
            return Cow::Borrowed(line);
        }
        let above = self.above.borrow();
        let cursor = (!self.leaving.get()).then_some(above.len() + cursor);
        Cow::Owned(coloured_from(&format!("{above}{line}"), above.len(), cursor, self.paint))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        match self.paint {
            Paint::Plain => Cow::Borrowed(prompt),
            paint => Cow::Owned(paint.text(Role::Help, prompt)),
        }
    }

    fn highlight_char(&self, _line: &str, _cursor: usize, kind: CmdKind) -> bool {
        self.leaving.set(kind == CmdKind::ForcedRefresh);
        self.paint != Paint::Plain
    }
}

#[cfg(test)]
mod tests {
    use super::wants_vi;

    #[test]
    fn an_inputrc_chooses_the_keys() {
        assert!(wants_vi("# mine\nset editing-mode vi\n"));
        assert!(!wants_vi("set editing-mode vi\nset editing-mode emacs"));
        assert!(!wants_vi("$if Bash\nset editing-mode vi\n$endif"));
        assert!(wants_vi("$if Bash\nset bell-style none\n$else\n  set editing-mode vi\n$endif"));
        assert!(wants_vi("$if vpcrun\nset editing-mode vi\n$endif"));
        assert!(!wants_vi(""));
    }
}
