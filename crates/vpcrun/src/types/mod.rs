//! `vpcrun types`: the Lua API as LuaCATS annotations, from which Lua language servers complete and check runbooks.
//!
//! `vpcrun.lua` comes from the help registry, the `ec2-api*.lua` from the table of EC2's actions. The latter are in several
//! files, because lua-language-server skips a file of a library above 500 KB.

mod api;
mod registry;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::lua::Fault;

/// The first lines of every file; the second one says that a file is ours and may be written anew.
const OPENING: &str = "---@meta _\n-- Written by `vpcrun types`. A new run replaces it.\n";

/// A file of annotations.
#[derive(Debug)]
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// Its Lua.
    pub text: String,
}

/// All files.
#[must_use]
pub fn files() -> Vec<File> {
    let mut files = vec![File { name: "vpcrun.lua".into(), text: format!("{OPENING}{}", registry::annotations()) }];
    let parts = api::annotations().into_iter().enumerate();
    files.extend(parts.map(|(n, text)| {
        let name = if n == 0 { "ec2-api.lua".into() } else { format!("ec2-api-{n}.lua") };
        File { name, text: format!("{OPENING}{text}") }
    }));
    files
}

/// All files in one, for standard output or a single file.
#[must_use]
pub fn single() -> String {
    let parts: Vec<String> = files().into_iter().map(|file| file.text.replacen(OPENING, "", 1)).collect();
    format!("{OPENING}{}", parts.join("\n"))
}

/// Writes one file, when `path` ends in `.lua`, or all files into a folder, which is made. Returns what was written.
///
/// # Errors
/// When a file is there that is not one of ours, or cannot be written. Then nothing is written over.
pub fn write(path: &Path) -> Result<Vec<PathBuf>, Fault> {
    let is_file = path.extension().is_some_and(|extension| extension == "lua") && !path.is_dir();
    let files: Vec<(PathBuf, String)> = if is_file {
        vec![(path.to_owned(), single())]
    } else {
        files().into_iter().map(|file| (path.join(file.name), file.text)).collect()
    };
    for (path, _) in &files {
        check_ours(path)?;
    }
    if !is_file {
        std::fs::create_dir_all(path).map_err(|error| failed(path, &error))?;
    }
    for (path, text) in &files {
        std::fs::write(path, text).map_err(|error| failed(path, &error))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

fn check_ours(path: &Path) -> Result<(), Fault> {
    match std::fs::read(path) {
        Ok(bytes) if bytes.starts_with(OPENING.as_bytes()) => Ok(()),
        Ok(_) => Err(Fault::usage(format!("{} is not of `vpcrun types`", path.display()))
            .code("Exists")
            .help("move it away, or give another place")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(path, &error)),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(Exit::Failed, format!("{} cannot be written: {error}", path.display())).code("File").placeless()
}

/// A text as a comment that language servers show.
fn comment(page: &mut String, text: &str) {
    for line in text.lines() {
        page.push_str("--- ");
        page.push_str(line);
        page.push('\n');
    }
}

/// A name as a parameter or field of Lua: what is a word of the language stands in brackets.
fn field(name: &str) -> String {
    const WORDS: [&str; 22] = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ];
    if WORDS.contains(&name) { format!("[\"{name}\"]") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::registry::{FUNCTIONS, Input, OBJECTS};

    /// The text below a class's own line, up to the next empty one.
    fn class<'a>(page: &'a str, name: &str) -> &'a str {
        let at = page
            .match_indices(&format!(" {name}"))
            .find(|(at, found)| {
                let line = page[..*at].rsplit('\n').next().unwrap_or_default();
                let next = page[at + found.len()..].chars().next();
                line.starts_with("---@class") && matches!(next, Some('\n' | ':'))
            })
            .unwrap_or_else(|| panic!("no class {name}"));
        page[at.0..].split("\n\n").next().unwrap_or_default()
    }

    #[test]
    fn every_function_and_every_key_has_an_annotation() {
        let page = &files()[0].text;
        for function in FUNCTIONS {
            let keys = match function.input {
                Input::Table(_) if function.name != "ec2.api" => {
                    let name = format!("vpcrun.keys.{}", function.name.replace(':', "."));
                    class(page, &name).lines().filter_map(|line| line.strip_prefix("---@field ")).collect::<Vec<_>>()
                }
                _ => Vec::new(),
            };
            if !function.is_part() {
                assert!(page.contains(&format!("\nfunction {}(", function.name)), "{}", function.name);
                assert!(page.contains(&function.doc.replace('\n', "\n--- ")), "{}", function.name);
            }
            for key in function.keys() {
                let annotated = match function.input {
                    Input::Table(_) => keys.iter().any(|line| {
                        let name = line.split(' ').next().unwrap_or_default();
                        name.trim_end_matches('?') == field(key.name)
                    }),
                    Input::Values(_) => page.contains(&format!("\n---@param {}", key.name)),
                };
                assert!(annotated, "{}: {}", function.name, key.name);
            }
        }
        for object in OBJECTS {
            let fields = class(page, &registry::class(object.kind));
            let names = object.properties.iter().map(|name| name.trim_end_matches("[]"));
            for name in names.chain(object.aliases.iter().map(|(alias, _)| *alias)) {
                assert!(fields.contains(&format!("\n---@field {name} ")), "{}.{name}", object.kind);
            }
            for (member, _) in object.members {
                let method = format!("\nfunction {}:{member}(", registry::class(object.kind).replace("vpcrun.", ""));
                let known = fields.contains(&format!("\n---@field {member} ")) || page.contains(&method);
                assert!(known, "{}.{member}", object.kind);
            }
            assert!(!fields.contains(" any "), "{}: a property without a type: {fields}", object.kind);
        }
    }

    #[test]
    fn every_action_has_a_function_whose_types_exist() {
        let page = single();
        for action in vpcrun_ec2::api::actions() {
            assert!(page.contains(&format!("\nfunction api.{}(", action.snake_name())), "{}", action.name());
        }
        let defined: BTreeSet<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("---@class ").or_else(|| line.strip_prefix("---@alias ")))
            .map(|line| line.trim_start_matches("(exact) ").split([' ', ':']).next().unwrap_or_default())
            .collect();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        for line in page.lines().filter(|line| line.starts_with("---@field") || line.starts_with("---@param")) {
            let named = line.split(|c| !word(c)).filter(|name| name.starts_with("vpcrun."));
            for name in named {
                assert!(defined.contains(name.trim_end_matches('.')), "{name} is not defined: {line}");
            }
        }
    }

    #[test]
    fn the_files_are_lua_that_language_servers_read() {
        const LARGEST: usize = 500_000;
        let lua = mlua::Lua::new();
        for file in files() {
            assert!(file.text.len() < LARGEST, "{}: {} bytes", file.name, file.text.len());
            lua.load(&file.text).set_name(&file.name).into_function().unwrap();
        }
        lua.load(single()).into_function().unwrap();
    }

    #[test]
    fn only_files_of_its_own_are_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let types = folder.path().join("types");
        let written = write(&types).unwrap();
        assert_eq!(write(&types).unwrap(), written);
        std::fs::write(types.join("vpcrun.lua"), "-- mine").unwrap();
        assert_eq!(write(&types).unwrap_err().diagnostic.code.as_deref(), Some("Exists"));
        assert_eq!(std::fs::read_to_string(types.join("vpcrun.lua")).unwrap(), "-- mine");

        let file = folder.path().join("all.lua");
        assert_eq!(write(&file).unwrap(), std::slice::from_ref(&file));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), single());
    }
}
