//! Runs the binary with a policy and a state folder of its own, and nothing of this machine's environment.

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::manifest;

/// A customer's machine: a policy file, a state folder, and a collector somewhere.
pub struct Machine {
    pub place: tempfile::TempDir,
    pub collector: TestCollector,
    pub variables: Vec<(&'static str, String)>,
}

impl Machine {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let collector = TestCollector::start(Behaviour::Hold);
        let policy = manifest(&collector.url, &public_key().to_string());
        std::fs::write(place.path().join("policy.toml"), policy).unwrap();
        Self { place, collector, variables: Vec::new() }
    }

    pub fn granted() -> Self {
        let machine = Self::new();
        assert_eq!(machine.run("consent grant --actor administrator").code(), 0);
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Runs `candor` with these arguments, split at spaces; a `+` stands for a space within one.
    pub fn run(&self, arguments: &str) -> Ended {
        let output = self.command(arguments).output().unwrap();
        Ended { output, collector: self.collector.url.clone() }
    }

    /// Runs `candor` where somebody answers what it asks with these words.
    pub fn run_answering(&self, arguments: &str, answer: &str) -> Ended {
        let answers = self.path("answers");
        std::fs::write(&answers, answer).unwrap();
        let input = std::fs::File::open(answers).unwrap();
        let output = self.command(arguments).stdin(input).output().unwrap();
        Ended { output, collector: self.collector.url.clone() }
    }

    fn command(&self, arguments: &str) -> Command {
        let arguments = arguments.split_whitespace().map(|argument| argument.replace('+', " "));
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.env_clear().current_dir(self.place.path()).args(arguments);
        command.env("CANDOR_POLICY", "policy.toml").env("CANDOR_STATE", "state");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl Machine {
    /// Runs `candor` where everything that it says fails to be written, and tells its exit code.
    #[cfg(target_os = "linux")]
    pub fn run_unheard(&self, arguments: &str) -> i32 {
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = self.command(arguments);
        command.stdout(full()).stderr(full()).status().unwrap().code().unwrap()
    }
}

/// How a run ended.
pub struct Ended {
    output: Output,
    collector: String,
}

impl Ended {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    pub fn out(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub fn errors(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out())
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out(), self.errors()))
    }

    /// Code, output and errors, with everything that differs from run to run replaced by its name.
    pub fn story(&self) -> String {
        let mut text = format!("code {}\n{}", self.code(), self.out());
        if !self.errors().is_empty() {
            text.push_str(&format!("--- errors\n{}", self.errors()));
        }
        let text = text.replace(&self.collector, "COLLECTOR");
        text.split_inclusive([' ', '\n', '"', '(', ')']).map(stable).collect()
    }
}

/// A word with what differs from run to run replaced; its closing mark stays.
fn stable(word: &str) -> String {
    let bare = word.trim_end_matches([' ', '\n', '"', '(', ')', ',', '.', ':', ';']);
    let rest = &word[bare.len()..];
    let name = if uuid::Uuid::parse_str(bare).is_ok() {
        "REPORT"
    } else if bare.starts_with("sha-256:") {
        "DIGEST"
    } else if bare.parse::<jiff::Timestamp>().is_ok() {
        "TIME"
    } else if bare.len() == 12 && bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // A digest in short, which is no size either.
        "SHORT"
    } else if bare.len() > 2 && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        "SIZE"
    } else {
        bare
    };
    format!("{name}{rest}")
}
