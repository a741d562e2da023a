//! Law 6: durable means that the disk was waited for. A process that is killed loses nothing that it has written, since the
//! operating system still has it; a power cut would. So these tests watch the calls that wait for the disk.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::house::{House, INSTALLER, files, said};
use crate::watched::{watched, while_watched};

/// What writes, what waits for the disk, and what receives and sends.
const CALLS: &str = "pwrite64,pwritev,write,writev,fsync,fdatasync,rename,renameat,renameat2,read,readv,recvfrom,sendto,sendmsg";

/// A trace: each line is a call of a thread, or its end where another's came in between.
struct Trace(Vec<String>);

impl Trace {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).expect("strace is installed and may trace: `cargo xtask setup`");
        Self(text.lines().map(str::to_owned).collect())
    }

    /// The first line from `start` on that this is true of.
    fn find(&self, start: usize, what: &str, is_it: impl Fn(&str) -> bool) -> usize {
        let found = self.0.iter().skip(start).position(|line| is_it(line));
        start + found.unwrap_or_else(|| panic!("{what} is not in the trace:\n{}", self.0[start..].join("\n")))
    }

    /// Where the call that begins in this line ended, and whether well.
    fn end(&self, begun: usize) -> usize {
        let line = &self.0[begun];
        let ended = if line.contains("<unfinished ...>") {
            let resumed = format!("{} <... {} resumed>", thread(line), call(line));
            self.find(begun + 1, &resumed, |line| is_resumed(line, &resumed))
        } else {
            begun
        };
        assert!(self.0[ended].ends_with("= 0"), "the disk failed: {}", self.0[ended]);
        ended
    }

    /// Where the first sync of a file ended that began from `start` on.
    fn synced(&self, start: usize, file: &str) -> usize {
        let is_sync = |line: &str| matches!(call(line), "fsync" | "fdatasync") && line.contains(file);
        self.end(self.find(start, &format!("a sync of {file}"), is_sync))
    }

    /// Holds that what a request wrote into the journal's log was on the disk before it was answered.
    fn assert_durable_before_answer(&self, request: &str) {
        const LOG: &str = "/journal.sqlite-wal>";
        let asked = self.find(0, request, |line| line.contains(&format!("\"{request}")));
        let answered = self.find(asked, "an answer", |line| line.contains("\"HTTP/1.1 "));
        assert!(self.0[answered].contains("\"HTTP/1.1 200"), "{request}: {}", self.0[answered]);
        let meanwhile = &self.0[asked..answered];
        let is_write = |line: &&String| call(line).starts_with("pwrite") && line.contains(LOG);
        let writers: BTreeSet<&str> = meanwhile.iter().filter(is_write).map(|line| thread(line)).collect();
        assert!(!writers.is_empty(), "{request} was answered and not written");
        // A job in the background may be writing as well: one who waited for the disk is enough.
        let waited = |writer: &&str| {
            let is_own = |line: &String| thread(line) == *writer;
            let written = meanwhile.iter().rposition(|line| is_own(line) && is_write(&line));
            let is_sync = |line: &String| {
                is_own(line) && line.contains(LOG) && matches!(call(line), "fsync" | "fdatasync")
            };
            let begun =
                written.and_then(|written| Some(written + meanwhile[written..].iter().position(is_sync)?));
            begun.is_some_and(|begun| self.end(asked + begun) < answered)
        };
        assert!(
            writers.iter().any(waited),
            "{request} was answered before the disk had it:\n{}",
            self.0[asked..].join("\n")
        );
    }
}

/// The name of the thread that a line is of.
fn thread(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// The call that begins in a line; nothing where one ends.
fn call(line: &str) -> &str {
    let after = line.split_whitespace().nth(1).unwrap_or_default();
    after.split_once('(').map_or("", |(name, _)| name)
}

/// Strace fills the thread's name up with spaces.
fn is_resumed(line: &str, resumed: &str) -> bool {
    line.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(resumed)
}

#[test]
fn law_6_acknowledged_means_durable_the_disk_is_waited_for_before_the_answer() {
    let mut house = House::closed();
    let trace = house.folder().join("collector.trace");
    let sent = while_watched(&mut house, CALLS, &trace, |house| {
        let site = house.site("happyville");
        site.must(&["consent", "grant"]);
        // The first report enrols its installation before.
        site.install(&["--strict", "--deadline", "20s"])
    });
    assert!(sent.status.success(), "{}", said(&sent));
    let trace = Trace::read(&trace);
    trace.assert_durable_before_answer("POST /v1/installations ");
    trace.assert_durable_before_answer("POST /v1/reports ");
}

#[test]
fn law_6_a_report_that_waits_is_on_the_disk_before_candor_ends() {
    let house = House::closed();
    let site = house.site("happyville");
    site.must(&["consent", "grant"]);
    let trace = house.folder().join("candor.trace");
    let mut candor = site.candor();
    candor.arg("report").args(INSTALLER).args(["--deadline", "20s"]);
    let output = watched(&candor, CALLS, &trace).output().expect("strace is installed: `cargo xtask setup`");
    assert!(output.status.success(), "{}", said(&output));

    let waiting = files(&site.state().join("spool"));
    let [(report, _)] = waiting.as_slice() else { panic!("one report waits, not {}", waiting.len()) };
    let name = report.file_name().expect("a name").to_string_lossy().into_owned();
    let trace = Trace::read(&trace);
    let temporary = format!("{name}>");
    let is_write =
        |line: &str| call(line) == "write" && line.contains("/spool/") && line.contains(&temporary);
    let written = trace.find(0, "the report", is_write);
    let synced = trace.synced(written, &temporary);
    let renamed = trace.find(synced, "its name, once it is on the disk", |line| {
        call(line).starts_with("rename") && line.contains(&format!("{name}\""))
    });
    // The name is on the disk once its folder is.
    trace.synced(renamed, "/spool>");
}
