//! Running the binary.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which commands run, with a data folder in it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command in the folder, with the data folder and nothing else in its settings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLAYHEAD_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).env("PLAYHEAD_DATA", self.data()).args(args).stdin(Stdio::null());
        command.env("XDG_DATA_HOME", self.folder.path().join("home"));
        if let Some(url) = playhead_store::test_catalog_url(&self.data()) {
            command.env("PLAYHEAD_CATALOG_URL", url.with_password());
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        Done(self.command(args).output().unwrap())
    }

    /// Runs a command that must succeed, and reads its output as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let done = self.run(args);
        assert_eq!(done.code(), 0, "{args:?}: {}", done.stderr());
        serde_json::from_str(&done.stdout()).unwrap()
    }

    pub(crate) fn serve(&self) -> Serving {
        Serving::start(self.command(&["serve", "--json", "--listen", "127.0.0.1:0"]))
    }
}

/// A command that has ended.
pub(crate) struct Done(pub(crate) Output);

impl Done {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}

/// A process with pipes. It is killed when it is dropped.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    pub(crate) fn write_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// The next line; empty at the end of the output.
    pub(crate) fn read_line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end, and gives the exit code and what was left to read.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        drop(self.stdin.take());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that said that it is ready.
pub(crate) struct Serving {
    pub(crate) process: Process,
    pub(crate) ready: Value,
}

impl Serving {
    pub(crate) fn start(command: Command) -> Self {
        let mut process = Process::start(command);
        let ready = serde_json::from_str(&process.read_line()).expect("the server says that it is ready");
        Self { process, ready }
    }

    pub(crate) fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    /// Stops it as an administrator does.
    pub(crate) fn stop(self) -> Option<i32> {
        self.process.signal(rustix::process::Signal::TERM);
        self.process.end().0
    }
}

/// A request over HTTP; the status and the JSON of the answer.
pub(crate) fn http(method: &str, url: &str, bearer: Option<&str>, body: Option<Value>) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut request = reqwest::Client::new().request(method.parse().unwrap(), url);
        request = request.header("Accept", "application/json, text/event-stream");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    })
}

/// A file of a recorded case.
pub(crate) fn case(name: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases").join(name).join(file);
    path.to_str().unwrap().to_owned()
}
