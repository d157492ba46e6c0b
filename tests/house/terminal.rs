//! A terminal to run vpcrun in: a pseudo-terminal, and what a person sees on its screen.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use expectrl::process::Process as _;
use expectrl::process::unix::{PtyStream, UnixProcess, WaitStatus};

/// How long a test waits for what should be there at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// A command in a terminal.
pub struct Terminal {
    process: UnixProcess,
    keyboard: PtyStream,
    screen: Arc<Mutex<vt100::Parser>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Starts the command, with its arguments, folder and environment, in a terminal of this size.
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        // A terminal gets its size once the process runs in it; the command starts when it has it.
        let mut sized = Command::new("sh");
        let wait = format!("until [ \"$(stty size)\" = \"{rows} {columns}\" ]; do :; done; exec \"$0\" \"$@\"");
        sized.arg("-c").arg(wait);
        sized.arg(command.get_program()).args(command.get_args());
        sized.env_clear().env("TERM", "xterm-256color");
        sized.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            sized.current_dir(folder);
        }
        let mut process = UnixProcess::spawn_command(sized).expect("vpcrun starts");
        process.set_window_size(columns, rows).expect("the terminal takes its size");
        let mut output = process.open_stream().expect("the terminal's output");
        let keyboard = process.open_stream().expect("the terminal's input");
        let size = |size| NonZeroU16::new(size).expect("a terminal has columns and rows");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(size(rows), size(columns), 0)));
        let seen = screen.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // On Linux, reading fails when the last process in the terminal has ended.
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                locked(&seen).process(&bytes[..count]);
            }
        });
        Self { process, keyboard, screen, reader }
    }

    /// Types this text; `\r` is the Enter key, `\x03` Ctrl-C.
    pub fn type_text(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).and_then(|()| self.keyboard.flush()).expect("somebody reads");
    }

    /// What is on the screen now.
    pub fn screen(&self) -> String {
        contents(&self.screen)
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.screen().contains(text) {
            assert!(start.elapsed() < PATIENCE, "{text:?} does not come:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until the command has ended. Returns its exit code and the screen.
    pub fn end(self) -> (i32, String) {
        let start = Instant::now();
        while !self.reader.is_finished() {
            assert!(start.elapsed() < PATIENCE, "the command does not end:\n{}", contents(&self.screen));
            std::thread::sleep(Duration::from_millis(5));
        }
        self.reader.join().expect("the reader ends");
        let code = match self.process.wait().expect("the command ends") {
            WaitStatus::Exited(_, code) => code,
            other => panic!("it does not end by itself: {other:?}"),
        };
        (code, contents(&self.screen))
    }
}

fn locked(screen: &Mutex<vt100::Parser>) -> MutexGuard<'_, vt100::Parser> {
    screen.lock().expect("no thread has panicked")
}

fn contents(screen: &Mutex<vt100::Parser>) -> String {
    locked(screen).screen().contents()
}
