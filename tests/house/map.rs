//! `vpcrun map` through the binary: formats, files, scopes. What is drawn is tested beside the drawing.

use super::support::{Home, runbook};

fn built() -> (Home, String) {
    let home = Home::new();
    let world = home.world().display().to_string();
    home.run(&[&runbook("home-ssh.lua"), "--world", &world, "--json"]).json();
    (home, world)
}

#[test]
fn the_tree_shows_the_tutorials_network_and_says_what_it_leaves_out() {
    let (home, world) = built();
    let outcome = home.run(&["map", "--world", &world]);
    assert_eq!(outcome.code, Some(0), "{outcome:#?}");
    for part in
        ["myvpc", "mygateway", "public: 0.0.0.0/0 via mygateway", "192.168.2.4", "203.0.113.11", "ssh-from-home"]
    {
        assert!(outcome.stdout.contains(part), "{part}: {outcome:#?}");
    }
    assert!(!outcome.stdout.contains("172.31.0.0/16"), "{outcome:#?}");
    assert!(outcome.stderr.contains("--default-vpc"), "{outcome:#?}");
    let all = home.run(&["map", "--world", &world, "--default-vpc"]);
    assert!(all.stdout.contains("172.31.0.0/16"), "{all:#?}");
}

#[test]
fn a_files_ending_chooses_the_format_and_a_file_is_written_whole() {
    let (home, world) = built();
    for (file, start) in
        [("n.svg", "<svg xmlns="), ("n.mmd", "%%{init"), ("n.dot", "graph vpcrun"), ("n.json", "{"), ("n.txt", "myvpc")]
    {
        // Twice: a picture is drawn anew over the old one.
        for _ in 0..2 {
            let outcome = home.run(&["map", "--world", &world, "-o", file, "--quiet"]);
            assert_eq!((outcome.code, outcome.stdout.trim()), (Some(0), file), "{outcome:#?}");
        }
        let text = std::fs::read_to_string(home.path().join(file)).expect(file);
        assert!(text.starts_with(start), "{file}: {}", &text[..40]);
    }
    let left = std::fs::read_dir(home.path()).expect("the folder").filter_map(Result::ok);
    let hidden: Vec<_> = left
        .map(|entry| entry.file_name())
        .filter(|name| name.as_encoded_bytes().starts_with(b".vpcrun-map"))
        .collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let (home, world) = built();
    for (arguments, part) in [
        (["--stack", "nope"], "stacks here: home-ssh"),
        (["--vpc", "nope"], "myvpc"),
        (["-o", "x.png"], "end it in .svg"),
        (["-o", "no/such/folder.svg"], "no/such/folder.svg"),
    ] {
        let mut all = vec!["map", "--world", &world];
        all.extend(arguments);
        let outcome = home.run(&all);
        assert!(matches!(outcome.code, Some(1 | 2)), "{outcome:#?}");
        assert!(outcome.stderr.contains(part), "{part}: {outcome:#?}");
    }
}
