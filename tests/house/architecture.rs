//! The arrows of the house: who may use whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each room, and the rooms that it uses. `ec2` and `emulator` are strangers, or the emulator could not catch a wrong request.
const ARROWS: &[(&str, &[&str])] = &[
    ("vpcrun-model", &[]),
    ("vpcrun-emulator", &["vpcrun-model"]),
    ("vpcrun-ec2", &["vpcrun-model"]),
    ("vpcrun", &["vpcrun-ec2", "vpcrun-emulator", "vpcrun-model"]),
];

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let found = dependencies();
    let expected: BTreeMap<String, BTreeSet<String>> = ARROWS
        .iter()
        .map(|(room, uses)| ((*room).to_owned(), uses.iter().map(|used| (*used).to_owned()).collect()))
        .collect();
    let between: BTreeMap<String, BTreeSet<String>> = found
        .iter()
        .map(|(room, all)| (room.clone(), all.iter().filter(|used| found.contains_key(*used)).cloned().collect()))
        .collect();
    assert_eq!(between, expected);
}

#[test]
fn heavy_crates_stay_in_their_rooms() {
    for (room, uses) in dependencies() {
        assert_eq!(uses.contains("aws-sdk-ec2"), room == "vpcrun-ec2", "{room} and aws-sdk-ec2");
        assert_eq!(uses.contains("mlua"), room == "vpcrun", "{room} and mlua");
        assert_eq!(uses.contains("rusqlite"), room == "vpcrun-emulator", "{room} and rusqlite");
    }
}

/// The packages of the workspace with their dependencies, but those for tests only.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--manifest-path"])
        .arg(super::support::repository().join("Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    let uses = |package: &Value| {
        let all = package["dependencies"].as_array().expect("dependencies").iter();
        all.filter(|dependency| dependency["kind"] != "dev").map(|dependency| text(&dependency["name"])).collect()
    };
    packages.iter().map(|package| (text(&package["name"]), uses(package))).collect()
}
