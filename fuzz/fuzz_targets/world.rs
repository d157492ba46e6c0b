//! Any file as a world. An input that starts with `rows\n` is rows (region, key and body, divided by tabs) that are put into a good
//! world, so that what the fuzzer makes reaches behind SQLite; any other input is the file itself.
//!
//! Opening it ends in a world or an error, and a world that opens answers.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use rusqlite::Connection;
use vpcrun_emulator::{Options, Request, World};

fuzz_target!(|input: &[u8]| {
    let path = folder().join("input.world");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder().join(format!("input.world{suffix}")));
    }
    match input.strip_prefix(b"rows\n").and_then(|rows| std::str::from_utf8(rows).ok()) {
        Some(rows) => put_rows(&path, rows),
        None => std::fs::write(&path, input).expect("writes the input"),
    }
    let Ok(world) = World::open(&path, options()) else { return };
    for action in ["DescribeVpcs", "DescribeNetworkInterfaces", "DescribeInstances", "DescribeRouteTables", "CreateVpc&CidrBlock=10.0.0.0/16"] {
        let request = Request { region: "ap-northeast-1".into(), body: format!("Action={action}") };
        let response = world.handle(&request);
        // A damaged world is a server error, said as one.
        assert!(response.body.contains("</RequestID>") || response.body.contains("</requestId>"), "{}", response.body);
    }
});

fn options() -> Options {
    Options { seed: Some(1), ..Options::default() }
}

/// A folder in memory where there is one: each input is a file.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
        let folder = parent.join(format!("vpcrun-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("makes a folder");
        let template = folder.join("template.world");
        let world = World::open(&template, options()).expect("a new world");
        let request = Request { region: "ap-northeast-1".into(), body: "Action=DescribeVpcs".into() };
        assert_eq!(world.handle(&request).status, 200);
        drop(world);
        folder
    })
}

fn put_rows(path: &Path, rows: &str) {
    std::fs::copy(folder().join("template.world"), path).expect("copies the template");
    let connection = Connection::open(path).expect("opens the copy");
    for row in rows.lines() {
        let mut fields = row.splitn(3, '\t');
        let (region, key, body) = (fields.next(), fields.next(), fields.next());
        let put = "INSERT INTO record VALUES (?1, ?2, ?3, 9) ON CONFLICT DO UPDATE SET body = excluded.body, sequence = 9";
        connection.execute(put, (region.unwrap_or_default(), key.unwrap_or_default(), body)).expect("puts a row");
    }
}
