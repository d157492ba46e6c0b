//! Worlds on disk: what survives, what several processes see, and what happens to files and disks that are not fit for one.
//!
//! The other processes are this test program again, in the role of [`serve`].
#![cfg(unix)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use vpcrun_emulator::{Options, Request, World, WorldError};

const WORLD: &str = "VPCRUN_TEST_WORLD";
const REGION: &str = "ap-northeast-1";
/// The user `nobody`, for what root may do in spite of permission bits.
const NOBODY: u32 = 65_534;

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vpcrun-world-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("makes a folder");
        Self(path)
    }

    fn world(&self) -> PathBuf {
        self.0.join("test.world")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::set_permissions(&self.0, std::fs::Permissions::from_mode(0o755));
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> World {
    World::open(path, Options::default()).expect("opens")
}

fn ask(world: &World, body: &str) -> (u16, String) {
    let response = world.handle(&Request { region: REGION.to_owned(), body: body.to_owned() });
    (response.status, response.body)
}

fn refused(path: &Path) -> WorldError {
    World::open(path, Options::default()).expect_err("refused")
}

fn elements(xml: &str, name: &str) -> Vec<String> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let texts = xml.split(&start).skip(1).filter_map(|rest| rest.split_once(&end));
    texts.map(|(text, _)| text.to_owned()).collect()
}

fn element(xml: &str, name: &str) -> String {
    elements(xml, name).into_iter().next().unwrap_or_else(|| panic!("no {name} in {xml}"))
}

/// The role of the other processes: answers each line of the input, if it is told a world.
#[test]
fn serve() {
    let Some(path) = std::env::var_os(WORLD).map(PathBuf::from) else { return };
    let say = |line: &str| {
        let mut out = std::io::stdout().lock();
        // The test harness may have begun a line of its own.
        writeln!(out, "\n@{}", line.replace('\n', " ")).and_then(|()| out.flush()).expect("the parent reads");
    };
    let world = match World::open(&path, Options::default()) {
        Ok(world) => world,
        Err(error) => return say(&format!("error {error}")),
    };
    say("ready");
    let ballast = path.with_extension("ballast");
    for line in std::io::stdin().lock().lines() {
        match line.expect("a line").as_str() {
            "reset" => say(&world.reset().map_or_else(|error| format!("error {error}"), |()| "reset".to_owned())),
            "fill the disk" => {
                let mut file = std::fs::File::create(&ballast).expect("makes a file");
                while file.write_all(&[0; 512]).is_ok() {}
                say("filled");
            }
            "free the disk" => {
                std::fs::remove_file(&ballast).expect("removes the file");
                say("freed");
            }
            body => {
                let (status, xml) = ask(&world, body);
                say(&format!("{status} {xml}"));
            }
        }
    }
}

/// Another process with a world.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(mut command: Command, world: &Path) -> Self {
        command.env(WORLD, world).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let input = child.stdin.take().expect("an input");
        let output = BufReader::new(child.stdout.take().expect("an output"));
        Self { child, input, output }
    }

    /// Starts the process and waits until it has opened the world.
    fn open(world: &Path) -> Self {
        let mut process = Self::start(this_program(), world);
        assert_eq!(process.read().as_deref(), Some("ready"));
        process
    }

    /// The next line that the process said; `None` at its end.
    fn read(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).expect("reads") == 0 {
                return None;
            }
            if let Some(said) = line.trim_end().strip_prefix('@') {
                return Some(said.to_owned());
            }
        }
    }

    fn send(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the process reads");
    }

    fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.read().expect("an answer")
    }

    /// The answer of a request that has to succeed.
    fn ok(&mut self, body: &str) -> String {
        let answer = self.ask(body);
        assert!(answer.starts_with("200 "), "{body}: {answer}");
        answer
    }

    fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("is gone");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn role(command: &mut Command) -> &mut Command {
    command.args(["--exact", "serve", "--nocapture", "--test-threads=1"])
}

fn this_program() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    role(&mut command);
    command
}

/// This program, started by a line of shell that ends in `exec "$@"`.
fn this_program_by(shell: &str, wrapper: &[&str]) -> Command {
    let program = std::env::current_exe().expect("a path");
    let mut words = wrapper.iter().copied().chain(["sh", "-c", shell, "sh"]);
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).arg(program);
    role(&mut command);
    command
}

const CREATE: &str = "Action=CreateInternetGateway";

#[test]
fn no_acknowledged_call_is_lost_by_sigkill() {
    let folder = Folder::new("kill");
    let (mut there, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..30 {
        let mut process = Process::open(&folder.world());
        for _ in 0..=round % 3 {
            there.insert(element(&process.ok(CREATE), "internetGatewayId"));
        }
        if let Some(id) = there.pop_first().filter(|_| round % 4 == 3) {
            process.ok(&format!("Action=DeleteInternetGateway&InternetGatewayId={id}"));
            gone.insert(id);
        }
        // More is on its way when the process dies; in every third round one of it was answered.
        process.send(CREATE);
        process.send(CREATE);
        if round % 3 == 0 {
            there.insert(element(&process.read().expect("an answer"), "internetGatewayId"));
        }
        process.kill();

        let (_, xml) = ask(&open(&folder.world()), "Action=DescribeInternetGateways");
        let found: BTreeSet<_> = elements(&xml, "internetGatewayId").into_iter().collect();
        assert!(there.is_subset(&found), "round {round}: lost {:?}", there.difference(&found).collect::<Vec<_>>());
        assert!(gone.is_disjoint(&found), "round {round}: {gone:?} came back");
    }
}

#[test]
fn two_processes_see_each_others_changes() {
    let folder = Folder::new("see");
    let (mut one, mut other) = (Process::open(&folder.world()), Process::open(&folder.world()));
    for _ in 0..20 {
        let id = element(&one.ok(CREATE), "internetGatewayId");
        let describe = format!("Action=DescribeInternetGateways&InternetGatewayId.1={id}");
        assert_eq!(element(&other.ok(&describe), "internetGatewayId"), id);
        other.ok(&format!("Action=DeleteInternetGateway&InternetGatewayId={id}"));
        assert!(one.ask(&describe).contains("InvalidInternetGatewayID.NotFound"));
    }
}

#[test]
fn two_processes_that_write_at_once_lose_nothing() {
    const EACH: usize = 100;
    let folder = Folder::new("write");
    let mut first = Process::open(&folder.world());
    let vpc = element(&first.ok("Action=CreateVpc&CidrBlock=10.0.0.0/16"), "vpcId");
    let work = |mut process: Process, own: usize| {
        let vpc = vpc.clone();
        move || {
            let (mut own_ids, mut won) = (Vec::new(), 0);
            for n in 0..EACH {
                own_ids.push(element(&process.ok(CREATE), "internetGatewayId"));
                let subnet = |block: String| format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock={block}");
                own_ids.push(element(&process.ok(&subnet(format!("10.0.{n}.{}/28", own * 16))), "subnetId"));
                // Both want this one.
                let answer = process.ask(&subnet(format!("10.0.{n}.128/28")));
                if answer.starts_with("200 ") {
                    won += 1;
                } else {
                    assert!(answer.contains("InvalidSubnet.Conflict"), "{answer}");
                }
            }
            (own_ids, won, process)
        }
    };
    let other = std::thread::spawn(work(Process::open(&folder.world()), 1));
    let (mut ids, won, mut process) = work(first, 0)();
    let (other_ids, other_won, mut other) = other.join().expect("the other process works");
    assert_eq!(won + other_won, EACH);
    ids.extend(other_ids);
    let unique: BTreeSet<_> = ids.into_iter().collect();
    assert_eq!(unique.len(), 4 * EACH);

    let subnets = format!("Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    for process in [&mut process, &mut other] {
        let xml = process.ok("Action=DescribeInternetGateways") + &process.ok(&subnets);
        assert_eq!(elements(&xml, "subnetId").len(), 3 * EACH);
        let found = elements(&xml, "subnetId").into_iter().chain(elements(&xml, "internetGatewayId"));
        assert!(unique.is_subset(&found.collect()));
    }
}

#[test]
fn processes_that_make_a_world_at_once_make_one_world() {
    for round in 0..5 {
        let folder = Folder::new(&format!("first-{round}"));
        let mut processes: Vec<_> = (0..6).map(|_| Process::start(this_program(), &folder.world())).collect();
        let mut vpcs = BTreeSet::new();
        for process in &mut processes {
            assert_eq!(process.read().as_deref(), Some("ready"));
            vpcs.insert(element(&process.ok("Action=DescribeVpcs"), "vpcId"));
        }
        assert_eq!(vpcs.len(), 1, "each has the same default VPC");
    }
}

#[test]
fn a_reset_is_seen_by_the_other_process() {
    let folder = Folder::new("reset");
    let (mut one, mut other) = (Process::open(&folder.world()), Process::open(&folder.world()));
    let id = element(&one.ok(CREATE), "internetGatewayId");
    let vpc = element(&one.ok("Action=DescribeVpcs"), "vpcId");
    assert!(other.ok("Action=DescribeInternetGateways").contains(&id));
    assert_eq!(one.ask("reset"), "reset");
    assert!(!other.ok("Action=DescribeInternetGateways").contains(&id));
    let new_vpc = element(&other.ok("Action=DescribeVpcs"), "vpcId");
    assert_ne!(new_vpc, vpc);
    // And both go on in the new world.
    let id = element(&other.ok(CREATE), "internetGatewayId");
    assert!(one.ok("Action=DescribeInternetGateways").contains(&id));
    assert_eq!(element(&one.ok("Action=DescribeVpcs"), "vpcId"), new_vpc);
    // A handle that was never used sees the new world, too.
    assert!(Process::open(&folder.world()).ok("Action=DescribeInternetGateways").contains(&id));
}

#[test]
fn a_file_that_is_no_world_is_refused_and_left_as_it_is() {
    let folder = Folder::new("other");
    let database = folder.0.join("other.sqlite");
    let connection = rusqlite::Connection::open(&database).expect("opens");
    connection
        .execute_batch("PRAGMA user_version = 1; CREATE TABLE record (a); INSERT INTO record VALUES (1);")
        .expect("writes");
    drop(connection);
    let write = |name: &str, content: &[u8]| {
        let path = folder.0.join(name);
        std::fs::write(&path, content).expect("writes");
        path
    };
    let long = "local vpc = ec2.vpc { name = 'myvpc' }\n".repeat(200);
    let files = [
        database.clone(),
        write("runbook.lua", long.as_bytes()),
        write("short", b"x"),
        write("start-of-sqlite", b"SQLite format 3\0"),
        write("zeros", &[0; 8_192]),
    ];
    for path in &files {
        let before = std::fs::read(path).expect("reads");
        let error = refused(path);
        assert!(matches!(error, WorldError::NotAWorld { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("{} is not a vpcrun world", path.display()));
        assert_eq!(std::fs::read(path).expect("reads"), before, "{} was changed", path.display());
    }
    assert!(matches!(refused(&folder.0), WorldError::NotAWorld { .. }), "a folder is no world");
    let left: BTreeSet<_> =
        std::fs::read_dir(&folder.0).expect("lists").map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(left, files.into_iter().collect(), "nothing was left beside the files");
    // A file in the place of the folder.
    assert!(matches!(refused(&database.join("test.world")), WorldError::Io { .. }));
}

#[test]
fn an_empty_file_becomes_a_world() {
    let folder = Folder::new("empty");
    std::fs::write(folder.world(), b"").expect("writes");
    assert_eq!(ask(&open(&folder.world()), "Action=DescribeVpcs").0, 200);
}

#[test]
fn a_world_of_a_newer_format_is_refused_and_left_as_it_is() {
    let folder = Folder::new("newer");
    ask(&open(&folder.world()), CREATE);
    let connection = rusqlite::Connection::open(folder.world()).expect("opens");
    connection.execute_batch("PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE);").expect("writes");
    drop(connection);
    let before = std::fs::read(folder.world()).expect("reads");
    let error = refused(&folder.world());
    assert!(matches!(error, WorldError::NewerFormat { found: 3, .. }), "{error:?}");
    assert!(error.to_string().ends_with("has format 3, this vpcrun knows up to 2"), "{error}");
    assert_eq!(std::fs::read(folder.world()).expect("reads"), before);
}

#[test]
fn a_world_of_an_older_format_is_refused_and_can_be_made_new() {
    let folder = Folder::new("older");
    ask(&open(&folder.world()), CREATE);
    let connection = rusqlite::Connection::open(folder.world()).expect("opens");
    let old = "UPDATE record SET body = '{}'; PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE);";
    connection.execute_batch(old).expect("writes");
    drop(connection);
    let before = std::fs::read(folder.world()).expect("reads");
    let error = refused(&folder.world());
    assert!(matches!(error, WorldError::OlderFormat { found: 1, .. }), "{error:?}");
    assert_eq!(std::fs::read(folder.world()).expect("reads"), before);
    let world = World::renew(&folder.world(), Options::default()).expect("is made new");
    assert_eq!(elements(&ask(&world, "Action=DescribeVpcs").1, "isDefault"), ["true"]);
    drop(world);
    assert_eq!(elements(&ask(&open(&folder.world()), "Action=DescribeVpcs").1, "isDefault"), ["true"]);
}

#[test]
fn a_damaged_world_is_told_as_such() {
    let folder = Folder::new("damaged");
    let world = open(&folder.world());
    for _ in 0..50 {
        ask(&world, CREATE);
    }
    drop(world);
    let whole = std::fs::read(folder.world()).expect("reads");
    type Change = fn(&mut Vec<u8>);
    let damage: [(&str, Change); 4] = [
        ("cut in the first page", |bytes| bytes.truncate(150)),
        ("cut in the middle", |bytes| bytes.truncate(bytes.len() / 2 + 100)),
        ("overwritten behind the header", |bytes| bytes[100..].fill(0x5a)),
        ("with other rows", |bytes| {
            // Each resource is a JSON object that starts with its kind. Free space may hold copies of old ones.
            let kind = b"{\"InternetGateway";
            for at in 0..bytes.len() - kind.len() {
                if bytes[at..].starts_with(kind) {
                    bytes[at..at + 4].copy_from_slice(b"[[[[");
                }
            }
        }),
    ];
    for (what, change) in damage {
        let mut bytes = whole.clone();
        change(&mut bytes);
        let path = folder.0.join("damaged.world");
        std::fs::write(&path, &bytes).expect("writes");
        let opened = World::open(&path, Options::default());
        let error = opened.err().unwrap_or_else(|| panic!("{what}: opened"));
        assert!(matches!(error, WorldError::Damaged { .. } | WorldError::NotAWorld { .. }), "{what}: {error:?}");
        assert!(error.to_string().contains("damaged.world"), "{what}: {error}");
        assert_eq!(std::fs::read(&path).expect("reads"), bytes, "{what}: the file was changed");
        std::fs::remove_file(&path).expect("removes");
    }
}

/// A row may also go bad while the world is open.
#[test]
fn a_row_that_cannot_be_read_is_an_error_and_not_a_panic() {
    let folder = Folder::new("row");
    let world = open(&folder.world());
    ask(&world, CREATE);
    let connection = rusqlite::Connection::open(folder.world()).expect("opens");
    let insert = "INSERT INTO record VALUES ('ap-northeast-1', 'igw-1', '{}', 1000)";
    connection.execute_batch(insert).expect("writes");
    let (status, body) = ask(&world, "Action=DescribeVpcs");
    assert_eq!(status, 500);
    assert!(body.contains("InternalError") && body.contains("is damaged"), "{body}");
    connection.execute_batch("DELETE FROM record WHERE key = 'igw-1'").expect("writes");
    assert_eq!(ask(&world, "Action=DescribeVpcs").0, 200, "it works again when the row is repaired");
}

/// This program as a user whom permission bits bind.
fn bound_by_permissions(folder: &Folder) -> Command {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0);
    if !is_root {
        return this_program();
    }
    // That user need not be able to reach the build folder.
    let copy = folder.0.join("program");
    if !copy.exists() {
        // By another process: were it open for writing here, a test that forks just now would keep it so, and it could not run.
        let copied = Command::new("cp").arg(std::env::current_exe().expect("a path")).arg(&copy).status();
        assert!(copied.expect("cp runs").success());
    }
    let mut command = Command::new(copy);
    role(&mut command).uid(NOBODY).gid(NOBODY);
    command
}

#[test]
fn a_read_only_world_says_so() {
    let folder = Folder::new("read-only");
    let rooms: Vec<PathBuf> = ["file", "folder", "both", "nothing"].iter().map(|name| folder.0.join(name)).collect();
    for (room, file_mode, folder_mode) in [
        (&rooms[0], Some(0o444), 0o777),
        (&rooms[1], Some(0o666), 0o555),
        (&rooms[2], Some(0o444), 0o555),
        (&rooms[3], None, 0o555),
    ] {
        std::fs::create_dir(room).expect("makes a folder");
        let path = room.join("test.world");
        if let Some(mode) = file_mode {
            ask(&open(&path), CREATE);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("sets the mode");
        }
        std::fs::set_permissions(room, std::fs::Permissions::from_mode(folder_mode)).expect("sets the mode");
        let before = std::fs::read(&path).ok();
        let said = Process::start(bound_by_permissions(&folder), &path).read();
        let expected = format!("error the world {} cannot be written: it is read-only", path.display());
        assert_eq!(said, Some(expected));
        assert_eq!(std::fs::read(&path).ok(), before);
    }
    // Neither may root's folder be written, whose bits allow its owner to.
    if std::fs::metadata(&folder.0).is_ok_and(|metadata| metadata.uid() == 0) {
        let path = folder.0.join("of-root.world");
        ask(&open(&path), CREATE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).expect("sets the mode");
        let said = Process::start(bound_by_permissions(&folder), &path).read().expect("an answer");
        assert!(said.ends_with("cannot be written: it is read-only"), "{said}");
    }
    for room in &rooms {
        std::fs::set_permissions(room, std::fs::Permissions::from_mode(0o755)).expect("sets the mode");
    }
}

/// Creates until a request is refused; the ids of what was created, and the refusal.
fn create_until_refused(process: &mut Process) -> (Vec<String>, String) {
    let mut ids = Vec::new();
    for _ in 0..100_000 {
        let answer = process.ask(CREATE);
        if !answer.starts_with("200 ") {
            return (ids, answer);
        }
        ids.push(element(&answer, "internetGatewayId"));
    }
    panic!("the disk was never full");
}

fn assert_all_there(process: &mut Process, ids: &[String]) {
    let found: BTreeSet<_> =
        elements(&process.ok("Action=DescribeInternetGateways"), "internetGatewayId").into_iter().collect();
    for id in ids {
        assert!(found.contains(id), "{id} is lost");
    }
    // And the default one: the refused request left nothing.
    assert_eq!(found.len(), ids.len() + 1);
}

#[test]
fn a_full_disk_refuses_the_call_and_loses_nothing() {
    let folder = Folder::new("full");
    let disk = folder.0.join("disk");
    std::fs::create_dir(&disk).expect("makes a folder");
    let mount = format!("mount -t tmpfs -o size=2m tmpfs '{}' && exec \"$@\"", disk.display());
    let mut process =
        Process::start(this_program_by(&mount, &["unshare", "--map-root-user", "--mount"]), &disk.join("test.world"));
    let Some(said) = process.read() else {
        eprintln!("skipped: no disk can be mounted here (user namespaces are off)");
        return;
    };
    assert_eq!(said, "ready");
    let mut ids = vec![element(&process.ok(CREATE), "internetGatewayId")];
    for _ in 0..3 {
        assert_eq!(process.ask("fill the disk"), "filled");
        let (more, refusal) = create_until_refused(&mut process);
        ids.extend(more);
        assert!(refusal.starts_with("500 ") && refusal.contains("the disk is full"), "{refusal}");
        assert_all_there(&mut process, &ids);
        assert_eq!(process.ask("free the disk"), "freed");
        ids.push(element(&process.ok(CREATE), "internetGatewayId"));
        assert_all_there(&mut process, &ids);
    }
    // Filled by the world alone: an own commit must not be lost in a checkpoint either.
    let (more, refusal) = create_until_refused(&mut process);
    ids.extend(more);
    assert!(refusal.contains("the disk is full"), "{refusal}");
    assert_all_there(&mut process, &ids);
}

/// A limit on the size of files stands for a quota; it needs no privilege to set.
#[test]
fn a_file_that_may_not_grow_refuses_the_call_and_loses_nothing() {
    let folder = Folder::new("limit");
    drop(open(&folder.world()));
    let shell = "trap '' XFSZ; ulimit -f 400; exec \"$@\"";
    let mut process = Process::start(this_program_by(shell, &[]), &folder.world());
    assert_eq!(process.read().as_deref(), Some("ready"));
    let (ids, refusal) = create_until_refused(&mut process);
    assert!(!ids.is_empty());
    assert!(refusal.starts_with("500 ") && refusal.contains("InternalError"), "{refusal}");
    assert!(refusal.contains("test.world"), "{refusal}");
    assert_all_there(&mut process, &ids);
    process.kill();
    // Without the limit it goes on.
    let mut process = Process::open(&folder.world());
    assert_all_there(&mut process, &ids);
    process.ok(CREATE);
}
