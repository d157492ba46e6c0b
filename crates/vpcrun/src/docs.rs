//! The Lua reference, printed from the help registry.

use std::fmt::Write as _;

use crate::exit::Exit;
use crate::registry::{FUNCTIONS, Function, Input, Key, Need, OBJECTS, Object};

const OPENING: &str = "# Lua reference

This page is printed from vpcrun's help registry; `UPDATE_DOCS=1 cargo test -p vpcrun docs` writes it anew.

A runbook is a Lua 5.4 script. A *resource* such as `ec2.vpc { … }` declares what should be there and returns a handle at
once; independent work runs side by side, and reading a property of a handle waits for just that resource. A *call* such as
`ec2.api.create_vpc { … }` is one EC2 action by its own name. Everything that is declared is waited for at the end, and
whatever was declared before is found again by its tags: run a runbook twice, and the second run changes nothing.

The region is, in this order: `--region`, the `region` of `aws.ec2`, `AWS_REGION` or `AWS_DEFAULT_REGION`, the profile's,
and on the local target and other endpoints `ap-northeast-1`. `--region` also sets the runbook's argument `region`, if it
has one.

";

const SANDBOX: &str = "## The sandbox

Of Lua's own library there are `coroutine`, `math`, `string`, `table`, `utf8` and `os.clock`, `os.date`, `os.difftime`,
`os.time`. There is no `io`, no `debug`, no bytecode, no environment and no finalizer (`__gc`). `require \"a.b\"` loads
`a/b.lua` beside the runbook and nothing else. A runbook has 256 MiB for its values. Ctrl-C stops every loop; a second one
ends the process even inside one of Lua's own functions.

Lua cannot wait inside a callback of `table.sort`, `string.gsub` and their like: read the property into a local first.

";

/// `docs/lua.md`.
#[must_use]
pub fn lua_reference() -> String {
    let mut page = String::from(OPENING);
    page.push_str("## Functions\n\nThe examples run as they stand, given `ec2`, a `vpc` of 192.168.0.0/16 with the internet gateway `igw`, and\na `subnet` of 192.168.1.0/24.\n\n");
    for function in FUNCTIONS {
        describe(&mut page, function);
    }
    page.push_str("## Handles\n\nEvery handle has `id`, `name`, `kind` and `tags` (a table), can be compared and printed, and stands for its id in\n`ec2.api`. The other properties are the members of `aws ec2 describe-…` in snake case; lists are marked with `[]`.\n\n");
    for object in OBJECTS {
        handle(&mut page, object);
    }
    page.push_str(SANDBOX);
    page.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.code(), exit.meaning());
    }
    page
}

fn describe(page: &mut String, function: &Function) {
    let _ = writeln!(page, "### {}\n\n{}\n", function.name, function.doc);
    if !function.keys().is_empty() {
        let first = if matches!(function.input, Input::Table(_)) { "key" } else { "value" };
        let _ = writeln!(page, "| {first} | type | | |\n|---|---|---|---|");
        for key in function.keys() {
            let _ = writeln!(page, "| `{}` | {} | {} | {} |", key.name, key.kind, need(key), key.doc);
        }
        page.push('\n');
    }
    if !function.result.is_empty() {
        let _ = writeln!(page, "Returns: {}.\n", function.result);
    }
    let _ = writeln!(page, "```lua\n{}\n```\n", function.example);
}

fn need(key: &Key) -> String {
    match key.need {
        Need::Required => "required".into(),
        Need::Optional => "optional".into(),
        Need::Default(value) => format!("default {value}"),
    }
}

fn handle(page: &mut String, object: &Object) {
    let _ = writeln!(page, "### {}\n\n{}\n", object.kind, object.doc);
    for (member, doc) in object.members {
        let _ = writeln!(page, "- `{member}`: {doc}");
    }
    for (alias, property) in object.aliases {
        let _ = writeln!(page, "- `{alias}` is `{property}`");
    }
    if !object.members.is_empty() || !object.aliases.is_empty() {
        page.push('\n');
    }
    let names: Vec<String> = object.properties.iter().map(|property| format!("`{property}`")).collect();
    let _ = writeln!(page, "{}\n", names.join(", "));
}

#[cfg(test)]
mod tests {
    use super::lua_reference;

    #[test]
    fn docs_match_the_registry() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lua.md");
        let page = lua_reference();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page,
            "docs/lua.md is not what the registry says: run UPDATE_DOCS=1 cargo test -p vpcrun docs"
        );
    }
}
