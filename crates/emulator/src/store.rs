//! A world on disk: one SQLite file.
//!
//! Why SQLite: a commit in WAL mode survives `kill -9` without a sync per call, several processes may share the file, a read-only
//! or full disk is an ordinary error, and anyone can look into a world with the `sqlite3` tool. (redb and sled lock out a second
//! process; LMDB needs a fixed map size and leaves repair to nobody.)
//!
//! A row is a resource as JSON. Every commit takes the next number in sequence, so that another process reads just the rows that
//! changed since its last look. A deleted row stays as a tombstone until the world is reset.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::state::{Change, State};

/// `vpcr`: marks a SQLite file as a world.
const APPLICATION_ID: i32 = 0x7670_6372;
/// The version of the rows' format. A world of a newer version is refused, as this program cannot know what it would destroy.
/// One of an older version cannot be read, and can be made as new. (2: instances and images hold more than they did.)
const FORMAT: i32 = 2;
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How long to wait for another process's commit. A commit takes well under a millisecond.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a world cannot be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The file is something else. It is left as it is.
    #[error("{} is not a vpcrun world", path.display())]
    NotAWorld {
        /// The file.
        path: PathBuf,
    },
    /// The world was written by a newer vpcrun. It is left as it is.
    #[error("the world {} has format {found}, this vpcrun knows up to {FORMAT}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format that the file says it has.
        found: i32,
    },
    /// The world was written by an older vpcrun. It is left as it is; [`World::renew`](crate::World::renew) makes it new.
    #[error("the world {} has format {found} of an older vpcrun, this one reads format {FORMAT}", path.display())]
    OlderFormat {
        /// The file.
        path: PathBuf,
        /// The format that the file says it has.
        found: i32,
    },
    /// The file or its folder cannot be written.
    #[error("the world {} cannot be written: it is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full. The last change was not made.
    #[error("the world {} cannot be written: the disk is full", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// Another process held the world for too long.
    #[error("the world {} is locked by another process", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A row cannot be read.
    #[error("the world {} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which row, and why.
        what: String,
    },
    /// The file or its folder cannot be opened.
    #[error("the world {} cannot be opened", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// Anything else that SQLite reports.
    #[error("the world {} cannot be used", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
}

/// An open world file, and how far it has been read.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    connection: Connection,
    /// The sequence number of the last commit that the caller's state knows.
    seen: i64,
    /// The reset that the caller's state knows.
    epoch: i64,
    /// SQLite's data_version at the last look: it changes when another connection commits.
    data_version: i64,
}

impl Store {
    /// Opens a world, and creates it where there is no file.
    pub(crate) fn open(path: &Path, seed: u64) -> Result<(Self, State), WorldError> {
        let mut store = Self::connect(path, seed)?;
        check_format(path, store.format()?)?;
        let mut state = State::default();
        store.refresh(&mut state)?;
        Ok((store, state))
    }

    /// Opens a world and empties it, whatever its rows and their format are.
    pub(crate) fn renew(path: &Path, seed: u64) -> Result<(Self, State), WorldError> {
        let mut store = Self::connect(path, seed)?;
        let state = store.reset(seed)?;
        Ok((store, state))
    }

    fn connect(path: &Path, seed: u64) -> Result<Self, WorldError> {
        let io = |source| WorldError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        check_header(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let fault = |error| sqlite_error(path, error);
        let mut connection = Connection::open_with_flags(path, flags).map_err(fault)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
        if connection.is_readonly("main").map_err(fault)? {
            return Err(WorldError::ReadOnly { path: path.to_owned() });
        }
        prepare(&mut connection, path, seed)?;
        Ok(Self { path: path.to_owned(), connection, seen: 0, epoch: 0, data_version: -1 })
    }

    fn format(&self) -> Result<i32, WorldError> {
        format(&self.connection).map_err(|error| sqlite_error(&self.path, error))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Brings `state` up to what other processes have committed.
    pub(crate) fn refresh(&mut self, state: &mut State) -> Result<(), WorldError> {
        let version = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|error| sqlite_error(&self.path, error))?;
        if version != self.data_version {
            let mut looked = Looked { seen: self.seen, epoch: self.epoch };
            // One transaction: a reset between its two queries would otherwise mix the old world with the new one.
            let snapshot = self.connection.transaction().map_err(|error| sqlite_error(&self.path, error))?;
            read_changes(&snapshot, &self.path, &mut looked, state)?;
            drop(snapshot);
            (self.seen, self.epoch, self.data_version) = (looked.seen, looked.epoch, version);
        }
        Ok(())
    }

    /// Runs `work` while no other process can commit. What it returns is committed before this returns.
    ///
    /// `work` gets the state as of now; the changes it answers lead to the new state.
    pub(crate) fn transact<T, E: From<WorldError>>(
        &mut self,
        state: &mut State,
        work: impl FnOnce(&State) -> Result<(T, State, Vec<Change>), E>,
    ) -> Result<T, E> {
        let path = self.path.clone();
        let fault = |error| E::from(sqlite_error(&path, error));
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        let mut looked = Looked { seen: self.seen, epoch: self.epoch };
        read_changes(&transaction, &path, &mut looked, state)?;
        (self.seen, self.epoch) = (looked.seen, looked.epoch);
        let (value, next, changes) = work(state)?;
        let sequence = looked.seen + 1;
        write_changes(&transaction, sequence, &changes).map_err(fault)?;
        transaction.commit().map_err(fault)?;
        if !changes.is_empty() {
            self.seen = sequence;
        }
        *state = next;
        Ok(value)
    }

    /// Empties the world. Other processes notice at their next request.
    pub(crate) fn reset(&mut self, seed: u64) -> Result<State, WorldError> {
        let fault = |error| sqlite_error(&self.path, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        transaction.execute("DELETE FROM record", []).map_err(fault)?;
        transaction.execute("UPDATE world SET epoch = epoch + 1", []).map_err(fault)?;
        transaction.pragma_update(None, "user_version", FORMAT).map_err(fault)?;
        insert_account(&transaction, seed).map_err(fault)?;
        transaction.commit().map_err(fault)?;
        self.data_version = -1;
        let mut state = State::default();
        self.refresh(&mut state)?;
        Ok(state)
    }
}

/// Refuses a file that is no world, or one of a newer format, before SQLite touches it. An empty file may become a world.
fn check_header(path: &Path) -> Result<(), WorldError> {
    let io = |source| WorldError::Io { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io(source)),
    };
    if !file.metadata().map_err(io)?.is_file() {
        return Err(WorldError::NotAWorld { path: path.to_owned() });
    }
    let mut header = Vec::with_capacity(100);
    file.by_ref().take(100).read_to_end(&mut header).map_err(io)?;
    if header.is_empty() {
        return Ok(());
    }
    // Offset 60 of a SQLite file holds the user version, 68 the application id, in big-endian order. (Source: "Database File
    // Format", sqlite.org.) Both are written before the file is in WAL mode, so they are in the file itself.
    let number = |at: usize| header.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes);
    if header.len() < 100 || !header.starts_with(SQLITE_MAGIC) || number(68) != Some(APPLICATION_ID) {
        return Err(WorldError::NotAWorld { path: path.to_owned() });
    }
    refuse_newer(path, number(60).unwrap_or_default())
}

fn refuse_newer(path: &Path, found: i32) -> Result<(), WorldError> {
    if found > FORMAT { Err(WorldError::NewerFormat { path: path.to_owned(), found }) } else { Ok(()) }
}

fn check_format(path: &Path, found: i32) -> Result<(), WorldError> {
    if found < FORMAT {
        Err(WorldError::OlderFormat { path: path.to_owned(), found })
    } else {
        refuse_newer(path, found)
    }
}

fn format(connection: &Connection) -> rusqlite::Result<i32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Creates the tables of a new world, checks the format of an old one.
fn prepare(connection: &mut Connection, path: &Path, seed: u64) -> Result<(), WorldError> {
    let fault = |error| sqlite_error(path, error);
    // A commit reaches the operating system, which outlives the process, and is not forced to the disk: syncs would take longer
    // than all else that a run does, and what a power cut can damage, a run of the runbook builds again.
    connection.execute_batch("PRAGMA synchronous = OFF").map_err(fault)?;
    if format(connection).map_err(fault)? == 0 {
        // Not yet in WAL mode, so that the header of the file is complete when this is committed.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        // Another process may have been first.
        if format(&transaction).map_err(fault)? == 0 {
            let schema = format!(
                "PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {FORMAT};
                 CREATE TABLE world (epoch INTEGER NOT NULL) STRICT;
                 INSERT INTO world VALUES (1);
                 CREATE TABLE record (region TEXT NOT NULL, key TEXT NOT NULL, body TEXT, sequence INTEGER NOT NULL,
                                      PRIMARY KEY (region, key)) STRICT, WITHOUT ROWID;
                 CREATE INDEX record_sequence ON record (sequence);"
            );
            transaction.execute_batch(&schema).map_err(fault)?;
            insert_account(&transaction, seed).map_err(fault)?;
        }
        transaction.commit().map_err(fault)?;
    }
    // Another process may have made it meanwhile.
    refuse_newer(path, format(connection).map_err(fault)?)?;
    enter_wal_mode(connection).map_err(fault)
}

/// Of several processes that open a new world at once, one switches the file to WAL mode. SQLite does not let the others wait
/// for that, whatever their busy timeout, so this does.
fn enter_wal_mode(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(1));
            }
            outcome => return outcome,
        }
    }
}

fn insert_account(connection: &Connection, seed: u64) -> rusqlite::Result<()> {
    let body = format!(r#"{{"seed":{seed},"issued":0}}"#);
    connection.execute("INSERT INTO record VALUES ('', 'account', ?1, 1)", [body]).map(drop)
}

struct Looked {
    seen: i64,
    epoch: i64,
}

fn read_changes(
    connection: &Connection,
    path: &Path,
    looked: &mut Looked,
    state: &mut State,
) -> Result<(), WorldError> {
    let fault = |error| sqlite_error(path, error);
    let epoch = connection
        .prepare_cached("SELECT epoch FROM world")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(fault)?;
    if epoch != looked.epoch {
        *state = State::default();
        *looked = Looked { seen: 0, epoch };
    }
    let mut statement = connection
        .prepare_cached("SELECT region, key, body, sequence FROM record WHERE sequence > ?1 ORDER BY sequence")
        .map_err(fault)?;
    let mut rows = statement.query([looked.seen]).map_err(fault)?;
    while let Some(row) = rows.next().map_err(fault)? {
        let read = |row: &rusqlite::Row<'_>| {
            Ok((Change { region: row.get(0)?, key: row.get(1)?, body: row.get(2)? }, row.get(3)?))
        };
        let (change, sequence): (Change, i64) = read(row).map_err(fault)?;
        state.apply(change).map_err(|what| WorldError::Damaged { path: path.to_owned(), what })?;
        looked.seen = sequence;
    }
    Ok(())
}

fn write_changes(connection: &Connection, sequence: i64, changes: &[Change]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO record VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET body = excluded.body, sequence = excluded.sequence",
    )?;
    for change in changes {
        statement.execute((&change.region, &change.key, &change.body, sequence))?;
    }
    Ok(())
}

fn sqlite_error(path: &Path, source: rusqlite::Error) -> WorldError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::ReadOnly) => WorldError::ReadOnly { path },
        Some(ErrorCode::DiskFull) => WorldError::DiskFull { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => WorldError::Locked { path },
        Some(ErrorCode::NotADatabase) => WorldError::NotAWorld { path },
        Some(ErrorCode::DatabaseCorrupt) => WorldError::Damaged { path, what: source.to_string() },
        Some(ErrorCode::CannotOpen) if is_read_only_folder(&path) => WorldError::ReadOnly { path },
        _ => WorldError::Sqlite { path, source },
    }
}

fn is_read_only_folder(path: &Path) -> bool {
    path.parent().and_then(|folder| folder.metadata().ok()).is_some_and(|metadata| metadata.permissions().readonly())
}
