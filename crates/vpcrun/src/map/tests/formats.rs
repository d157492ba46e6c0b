//! What the text formats say.

use unicode_width::UnicodeWidthStr;
use vpcrun_model::Network;

use super::fixture::{Names, Recipe, everything, generated, tutorial};
use crate::map::{Scope, TreeOptions, dot, json, mermaid, select, tree};
use crate::style::Paint;

fn shown_tutorial() -> Network {
    select(&tutorial(), &Scope::default()).expect("a selection").network
}

#[test]
fn the_tutorial_as_tree() {
    insta::assert_snapshot!(tree(&shown_tutorial(), TreeOptions::default()));
}

#[test]
fn the_tutorial_as_mermaid() {
    insta::assert_snapshot!(mermaid(&shown_tutorial()));
}

#[test]
fn the_tutorial_as_dot() {
    insta::assert_snapshot!(dot(&shown_tutorial()));
}

#[test]
fn the_tutorial_as_json() {
    insta::assert_snapshot!(format!("{:#}", json(&shown_tutorial())));
}

#[test]
fn everything_as_tree() {
    insta::assert_snapshot!(tree(&everything(), TreeOptions::default()));
}

#[test]
fn a_network_with_nothing_says_so() {
    assert_eq!(tree(&Network::new("ap-northeast-1"), TreeOptions::default()), "ap-northeast-1  nothing here\n");
}

fn recipes() -> impl Iterator<Item = Recipe> {
    Names::ALL.into_iter().flat_map(|names| {
        (0..=4).map(move |zones| Recipe { vpcs: 2, zones, public: 1, private: 1, instances: 6, names })
    })
}

#[test]
fn no_row_of_the_tree_is_wider_than_the_terminal() {
    for recipe in recipes() {
        for width in [72, 80, 120] {
            let text = tree(&generated(recipe), TreeOptions { width, paint: Paint::Plain });
            for line in text.lines() {
                assert!(line.width() <= width, "{recipe:?}: {} columns: {line}", line.width());
                assert_eq!(line.trim_end(), line);
            }
        }
    }
}

#[test]
fn the_tree_shortens_no_address() {
    for recipe in recipes() {
        let network = generated(recipe);
        let text = tree(&network, TreeOptions { width: 72, paint: Paint::Plain });
        for instance in network.instances.values() {
            for address in instance.private_ip_address.into_iter().chain(instance.public_ip_address) {
                assert!(text.contains(&address.to_string()), "{recipe:?}: {address}");
            }
        }
    }
}

#[test]
fn colours_add_nothing_but_colour() {
    let plain = tree(&tutorial(), TreeOptions::default());
    let coloured = tree(&tutorial(), TreeOptions { paint: Paint::Colour, ..TreeOptions::default() });
    assert_ne!(plain, coloured);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
}

#[test]
fn no_name_reaches_the_terminal_with_an_escape() {
    let recipe = Recipe { vpcs: 1, zones: 1, public: 1, private: 1, instances: 3, names: Names::Hostile };
    let network = generated(recipe);
    for text in [tree(&network, TreeOptions::default()), mermaid(&network), dot(&network)] {
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
}

/// Every line of Mermaid is a statement whose label, if any, stands in one pair of quotes.
#[test]
fn mermaid_labels_end_where_they_should() {
    for recipe in recipes() {
        let text = mermaid(&generated(recipe));
        let statements = text.lines().skip(2).map(str::trim);
        let mut open = 0;
        for line in statements {
            assert!(matches!(line.matches('"').count(), 0 | 2), "{recipe:?}: {line}");
            open += i32::from(line.starts_with("subgraph ")) - i32::from(line == "end");
            if let Some((_, label)) = line.split_once('"') {
                let label = label.split_once('"').expect("two quotes").0.replace("<br/>", "");
                assert!(!label.contains(['<', '>', '`', '\\', '[', '{']), "{recipe:?}: {label}");
            }
        }
        assert_eq!(open, 0, "{recipe:?}");
    }
}

/// Outside quotes, Graphviz's language here is words, brackets and punctuation; braces are balanced.
#[test]
fn dot_strings_end_where_they_should() {
    for recipe in recipes() {
        let text = dot(&generated(recipe));
        let (mut depth, mut quoted, mut escaped) = (0, false, false);
        for c in text.chars() {
            match (quoted, c) {
                (true, _) if escaped => escaped = false,
                (true, '\\') => escaped = true,
                (_, '"') => quoted = !quoted,
                (true, _) => assert_ne!(c, '\n', "{recipe:?}: a string goes over its line"),
                (false, '{') => depth += 1,
                (false, '}') => depth -= 1,
                (false, _) => assert!(c.is_ascii_alphanumeric() || " \n=,;[]-.".contains(c), "{recipe:?}: {c:?}"),
            }
        }
        assert!(depth == 0 && !quoted, "{recipe:?}");
    }
}

#[test]
fn json_has_every_resource() {
    let network = everything();
    let text = json(&network).to_string();
    for resource in network.resources().filter(|resource| !resource.id().to_string().starts_with("sgr-")) {
        let gone = resource.id().to_string() == "i-0000000000000dead";
        assert_eq!(text.contains(&format!("\"{}\"", resource.id())), !gone, "{}", resource.id());
    }
}
