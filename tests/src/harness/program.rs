//! The real program, as people start it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::task::JoinHandle;

use super::database::{Backend, TestDatabase};

/// Nothing a test waits for takes this long.
const PATIENCE: Duration = Duration::from_mins(1);

/// An installation in a folder of its own.
pub struct Program {
    folder: tempfile::TempDir,
    database: Option<TestDatabase>,
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; `None` after a signal.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Fails the test unless the run ended like that; gives standard output.
    #[track_caller]
    pub fn expect(self, status: i32) -> String {
        assert_eq!(self.status, Some(status), "{self:#?}");
        self.out
    }

    /// Fails the test unless the run failed and said this.
    #[track_caller]
    pub fn failed_with(&self, text: &str) {
        assert_eq!(self.status, Some(1), "{self:#?}");
        assert!(self.err.contains(text), "{self:#?}");
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            status: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// The program that was built beside this one. `make test` builds it first.
pub fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("this program has a path");
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    let path = path.join(format!("jiahu{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing: run `make test`, or `cargo build -p jiahu --bin jiahu` first",
        path.display()
    );
    path
}

impl Program {
    /// An installation with nothing in it but an address of a database that is still empty.
    pub async fn new(backend: Backend) -> Self {
        super::watchdog::watch();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let database = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(TestDatabase::empty_postgres().await),
        };
        Self { folder, database }
    }

    /// Where the installation is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where its database is.
    pub fn database_url(&self) -> String {
        match &self.database {
            None => format!("sqlite:{}/data/jiahu.db", self.folder.path().display()),
            Some(database) => {
                use super::postgres_url;
                postgres_url(database.name())
            }
        }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("JIAHU_DATABASE_URL", self.database_url())
            .env("JIAHU_DATA_DIR", self.folder.path().join("data"))
            .env("JIAHU_LISTEN", "127.0.0.1:0")
            .env("JIAHU_PUBLIC_URL", "https://jiahu.example")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[]).await
    }

    /// The same with more in the environment.
    pub async fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = self.command(args);
        command.envs(env.iter().copied());
        let output = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PATIENCE, output)
            .await
            .expect("the command ends")
            .expect("the command runs");
        output.into()
    }

    /// Everything before the first start: keys, schema, a community.
    pub async fn install(&self) {
        self.run(&["keys", "new"]).await.expect(0);
        self.run(&["migrate"]).await.expect(0);
        self.run(&Self::COMMUNITY).await.expect(0);
    }

    /// The command that creates community 130431.
    pub const COMMUNITY: [&'static str; 20] = [
        "community",
        "create",
        "--code",
        "130431",
        "--name-zh",
        "鸡泽县医共体",
        "--name-en",
        "Jize",
        "--lng",
        "114.88",
        "--lat",
        "36.92",
        "--hospital-zh",
        "鸡泽县医院",
        "--hospital-en",
        "Jize County Hospital",
        "--hospital-phone",
        "0310-7520000",
        "--hospital-licence",
        "PDY00001",
    ];

    /// Starts `jiahu serve` and waits until it listens.
    pub async fn serve(&self, args: &[&str]) -> Serving {
        let mut command = self.command(&["serve"]);
        command.args(args).stderr(Stdio::piped());
        // Jiahu serves http://127.0.0.1:40123 …
        Serving::start(command, |line| line.split_whitespace().nth(2)).await
    }

    /// Starts `jiahu demo` on a free port, its log in a file, and waits until it listens.
    pub async fn demo(&self, args: &[&str], log: &Path) -> Serving {
        let log = std::fs::File::create(log).expect("a log");
        let mut command = self.command(&["demo"]);
        command.args(["--port", "0"]).args(args).stderr(log);
        Serving::start(command, |line| {
            line.strip_prefix("API ")?.trim().strip_suffix("/v1")
        })
        .await
    }

    /// Removes the database.
    pub async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }
}

/// A server process.
pub struct Serving {
    /// Where it listens.
    pub url: String,
    /// What it printed until it told where.
    pub said: Vec<String>,
    process: tokio::process::Child,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
    /// What it logs, read all the while: a full pipe would stop the server.
    log: JoinHandle<Vec<u8>>,
}

impl Serving {
    /// Starts a server and reads what it prints until a line tells its address.
    async fn start(mut command: Command, address: impl Fn(&str) -> Option<&str>) -> Self {
        command.stdout(Stdio::piped());
        let mut process = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let out = process.stdout.take().expect("piped");
        let mut lines = BufReader::new(out).lines();
        let log = tokio::spawn(all_of(process.stderr.take()));
        let mut said = Vec::new();
        loop {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
            let Some(line) = line.expect("it says something").expect("UTF-8") else {
                let mut ended = process.wait_with_output().await.expect("it ended");
                ended.stderr = log.await.expect("its log");
                panic!("the server ended: {:#?}", Ran::from(ended));
            };
            said.push(line.clone());
            if let Some(url) = address(&line) {
                return Self {
                    url: url.to_owned(),
                    said,
                    process,
                    lines,
                    log,
                };
            }
        }
    }

    /// The next line it prints.
    pub async fn next_line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("in time").expect("UTF-8").expect("a line")
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends it at once, as `kill -9`, a crash or an empty battery do.
    pub async fn kill(mut self) {
        self.process.start_kill().expect("it runs");
        let ended = tokio::time::timeout(PATIENCE, self.process.wait()).await;
        let status = ended.expect("in time").expect("it ended");
        assert_eq!(status.code(), None, "it ended by itself: {status}");
    }

    /// Waits for its end.
    pub async fn ended(self) -> Ran {
        let ended = tokio::time::timeout(PATIENCE, self.process.wait_with_output());
        let mut ended = ended.await.expect("it ends in time").expect("it ended");
        ended.stderr = self.log.await.expect("its log");
        ended.into()
    }

    /// Stops it as a service manager does.
    pub async fn stop(self) -> Ran {
        self.signal("TERM");
        self.ended().await
    }
}

/// Everything that comes through a pipe, when there is one.
async fn all_of(pipe: Option<tokio::process::ChildStderr>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let read = pipe.read_to_end(&mut bytes).await;
        read.expect("the log can be read");
    }
    bytes
}
