//! Asking before something is lost.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use vpcrun::lua::Fault;

/// Asks on the terminal. Without one there is nobody to say yes.
pub fn confirm(question: &str) -> Result<(), Fault> {
    let refused = |why: &str| Fault::usage(format!("not confirmed: {why}")).code("NotConfirmed");
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(refused("there is no terminal to ask on").help("add --yes to go on without being asked"));
    }
    eprint!("{question} [y/N] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(refused("nothing was deleted")),
    }
}
