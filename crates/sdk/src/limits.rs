//! Every number that bounds what the SDK takes from its host, with its reason.

use std::time::Duration;

/// Longest that a delivery may take unless its caller says otherwise: an installer's last page can wait that long
/// without anybody wondering.
pub const DEADLINE: Duration = Duration::from_secs(2);
/// Least time worth starting a submission with: a TLS handshake on a slow line takes longer.
pub const LEAST_TIME: Duration = Duration::from_millis(10);
/// Longest wait for another process that is writing in the state folder; its writes take milliseconds.
pub const LOCK_WAIT: Duration = Duration::from_secs(1);
/// How often a lock is tried while it is held.
pub const LOCK_PAUSE: Duration = Duration::from_millis(2);
/// Most reports that wait: a monthly batch and a few installers, cut off for years.
pub const SPOOL_REPORTS: usize = 200;
/// Most bytes that wait: some eighty snapshots of a large product.
pub const SPOOL_BYTES: u64 = 32 * 1024 * 1024;
/// Most entries of the sent log, answered or not: ten years of a monthly batch and its installers.
pub const SENT_REPORTS: usize = 500;
/// Most bytes of the sent log.
pub const SENT_BYTES: u64 = 64 * 1024 * 1024;
/// Most refused reports that are kept for an administrator to look at.
pub const REFUSED_REPORTS: usize = 50;
/// Most damaged files that are kept for an administrator to look at.
pub const DAMAGED_FILES: usize = 20;
/// Smallest body worth compressing, bytes: below it a packet is a packet.
pub const COMPRESS_FROM: usize = 1024;
/// Longest answer that is read, bytes: a receipt names at most a few hundred outcomes.
pub const ANSWER_BYTES: u64 = 1024 * 1024;
/// Longest file of losses that is read, bytes: a dozen kinds with a number each take less than a fiftieth of it.
pub const LOSSES_BYTES: u64 = 64 * 1024;
/// Longest key file that is read, bytes: a word and 32 bytes in base64 take less than a tenth of it.
pub const KEY_BYTES: u64 = 1024;
/// Longest manifest that is kept, bytes: the longest policies of ours take a hundredth of it.
pub const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
/// Longest settings file that is read, bytes: a dozen lines take a hundredth of it.
pub const SETTINGS_BYTES: u64 = 256 * 1024;
/// Longest file of certificates that is read, bytes: the largest bundles of public authorities take half of it.
pub const CERTIFICATES_BYTES: u64 = 1024 * 1024;
/// Furthest that this machine's clock may be behind a consent, seconds: clocks are set by minutes when a machine wakes, and by
/// hours only where something is wrong with them.
pub const CLOCK_BEHIND_SECONDS: i64 = 5 * 60;
/// Longest note of a denial that is not in the ledger yet, bytes: a name and a time.
pub const DENIAL_BYTES: u64 = 4096;
/// Longest mark of an enrolment or of a wait that is read, bytes: a line.
pub const MARK_BYTES: u64 = 4096;
/// Longest answer of the operating system's own tools that is read, bytes: a line or two.
pub const TOOL_BYTES: u64 = 64 * 1024;
/// Longest ledger that is read, bytes: thousands of decisions.
pub const LEDGER_BYTES: u64 = 4 * 1024 * 1024;
/// Longest name of a decision's actor, bytes.
pub const ACTOR_LENGTH: usize = 128;
/// Furthest that a collector may put off the next try, seconds: a longer word is a mistake, or the clock has moved.
pub const RETRY_AFTER_SECONDS: i64 = 24 * 3600;
/// Longest wait for the operating system's own tools that name its version and language.
pub const TOOL_WAIT: Duration = Duration::from_millis(500);
/// Longest file of the collector's keys that is read, bytes: 32 of them, each with its signature.
pub const SUCCESSIONS_BYTES: u64 = 16 * 1024;
