//! Every number that bounds the collector, with its reason. [`candor_policy::limits`] has those that bound a report.

use std::time::Duration;

use jiff::SignedDuration;

// What bounds a server of ours stands there; a configuration may change these two.
pub use candor_web::limits::{BODY_TIME, HEADER_TIME};

/// Reports that may wait to be acknowledged: two or three seconds' worth at full speed, beyond which a sender is better
/// told to come back than kept waiting.
pub const WAITING_REPORTS: usize = 8_192;
/// Most reports that are gathered for a group commit: enough to spread one fsync thin, few enough that the last one does not
/// wait long.
pub const BATCH_REPORTS: usize = 256;
/// Reports from which on a batch waits for no more. From twice as many on, half of them are committed: while those are being
/// synced, the others are worked on.
pub const HALF_BATCH_REPORTS: usize = 32;
/// How long a batch waits for company while the queue holds under half the last batch: senders that were answered together send
/// again together, and without the wait the first of them gets a commit of its own.
pub const GATHERING_TIME: Duration = Duration::from_micros(400);
/// Most signatures checked together: from some 16 on each costs no less, and past 24 more, since what is computed ahead for
/// each no longer fits the processor's nearest memory.
pub const BATCH_SIGNATURES: usize = 24;
/// Most bytes of JSON in one group commit, however small it is when compressed, so that a batch fits in memory whole
/// wherever it is built.
pub const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// How long a collector whose last commit failed counts as not ready: long enough to be seen, and then senders must come
/// again, or no commit could show that it works.
pub const COMMIT_FAILURE_REMEMBERED: SignedDuration = SignedDuration::from_secs(10);
/// How long readiness, which is asked by writing to the journal, is believed: no crowd of monitors makes more writes than that.
pub const READINESS_PERIOD: Duration = Duration::from_secs(1);
/// How long that write may take before the journal counts as not ready.
pub const READINESS_TIME: Duration = Duration::from_secs(5);
/// Free room on the disk below which the collector is not ready: the largest report, in the log and in the journal.
pub const READINESS_ROOM_BYTES: u64 = 2 * candor_policy::limits::REPORT_BYTES as u64;
/// Reports that are erased or rewritten in one transaction: the commits beside it wait hardly longer than for one of theirs.
pub const REVISED_AT_A_TIME: usize = 64;
/// Bodies from this size on are compressed in the journal; below it, the time costs more than the room.
pub const COMPRESS_FROM_BYTES: usize = 4 * 1024;

/// How far background work steps back: without it the projector, which needs most of a core at 5,000 reports a second, takes
/// turns with acknowledgements.
#[cfg(target_os = "linux")]
pub const BACKGROUND_NICENESS: i32 = 19;

/// Most reports in one transaction of the projector: at about 20 rows each, a fifth of a second.
pub const PROJECTED_REPORTS: usize = 4_096;
/// The same while nobody waits for an acknowledgement that it could delay: rebuilding.
pub const REBUILT_REPORTS: usize = 8_192;
/// Most bytes of JSON in one transaction of the projector; what has been read is written to its end.
pub const PROJECTED_BYTES: usize = 16 * 1024 * 1024;
/// Installations that are built anew in one transaction where their reports were erased or rewritten.
pub const REVISED_INSTALLATIONS: usize = 64;
/// How often the projector looks for erased and rewritten reports, where none are new.
pub const REVISION_PERIOD: Duration = Duration::from_secs(2);
/// Installations whose states are computed in one transaction while the columns are built anew: two years of monthly reports
/// of 50 facts are 300,000 facts, and 100 MB.
pub const COMPUTED_INSTALLATIONS: i64 = 256;
/// Reports that the projector reads from the journal at a time: a few milliseconds' worth.
pub const STRETCH_REPORTS: usize = 256;
/// Most bytes of JSON that it reads at a time; a batch that has been begun is read to its end.
pub const STRETCH_BYTES: usize = 4 * 1024 * 1024;
/// How long the projector gathers before it writes: many small transactions cost more than they are worth, and "within
/// about a second" leaves room.
pub const PROJECTION_PERIOD: Duration = Duration::from_millis(250);
/// The same under load, where each transaction's fixed cost is taken from the acknowledgements.
pub const PROJECTION_PERIOD_UNDER_LOAD: Duration = Duration::from_millis(700);
/// Reports in one transaction of the projector from which on the collector counts as under load.
pub const LOAD_FROM_REPORTS: usize = 256;
/// How long background work waits after a failure.
pub const BACKGROUND_RETRY: Duration = Duration::from_secs(2);

/// Most threads that DuckDB may use, and which share of the cores: projection and pages must leave cores to the
/// acknowledgements.
pub const COLUMN_THREADS_MOST: usize = 4;
/// One thread of DuckDB for so many cores.
pub const CORES_PER_COLUMN_THREAD: usize = 2;
/// How soon after damaged columns were set aside others are: where they are damaged again at once, something else is wrong, and
/// building them anew without end would hide it.
pub const SET_ASIDE_AGAIN: Duration = Duration::from_mins(10);
/// Memory that DuckDB may use before it spills.
pub const COLUMN_MEMORY: &str = "1GB";
/// Queries of pages that run at once; more wait.
pub const CONCURRENT_QUERIES: usize = 4;

/// Connections that read the journal.
pub const JOURNAL_READERS: u32 = 4;
/// How long another process (`policy publish`) waits for the journal's lock.
pub const JOURNAL_LOCK_WAIT: Duration = Duration::from_secs(20);
/// Numbers in a row that are not found before a salvage takes a table for ended, where its end cannot be read: more rows than
/// one damaged page takes with it.
pub const SALVAGE_MISSES: u32 = 10_000;
/// Size of a page of a new journal: a block of most file systems.
pub const JOURNAL_PAGE_BYTES: u32 = 4_096;
/// Memory that the committer keeps pages of the journal in: the index of some 500,000 report ids. Each new id is looked for
/// there, and a late one far from the others.
pub const COMMITTER_CACHE_KIB: i64 = 16 * 1024;

/// Installations whose keys are kept ready: 100 bytes each.
pub const CACHED_INSTALLATIONS: usize = 100_000;
/// Policy versions that are kept ready.
pub const CACHED_POLICIES: usize = 256;

/// Bytes of bodies as they came, of all requests together: a dozen of the largest, and a thousand small ones beside them.
pub const ARRIVING_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of reports as JSON, of all requests together, until they are acknowledged. With what expanding takes beside them, it keeps
/// memory within 256 MB over the idle figure.
pub const PLAIN_BYTES: usize = 64 * 1024 * 1024;
/// Most reports that are expanded at once, each in some 30 MB; half of the cores where those are fewer.
pub const EXPANSIONS_MOST: usize = 4;
/// How long a large report waits for its turn before its sender is told to come back: less than senders wait for an answer.
pub const EXPANSION_WAIT: Duration = Duration::from_secs(10);
/// Large reports of one installation in hand at once: a site sends one after the other, and a second process of it may be one more.
pub const LARGE_PER_INSTALLATION: usize = 2;
/// Free bytes on the data folder's disk below which nothing more is taken in, so that what is held can still be written, checkpointed
/// and looked at.
pub const DISK_FLOOR_BYTES: u64 = 32 * 1024 * 1024;
/// How long a sender waits while the disk is nearly full, seconds: somebody has to make room first.
pub const DISK_RETRY_SECONDS: u32 = 300;
/// How often the disk is looked at.
pub const DISK_PERIOD: Duration = Duration::from_secs(2);
/// Bytes of reports as JSON that an installation may send at once: twice what its spool holds.
pub const BYTES_PER_DAY: u64 = 64 * 1024 * 1024;
/// Reports that are held already, which an installation may send at once: a spool of years that starts over ten times.
pub const REPEATS_BURST: u32 = 20_000;
/// The same per minute in the long run.
pub const REPEATS_PER_MINUTE: u32 = 6_000;
/// Requests under somebody else's name from one address before its signatures are checked first.
pub const FORGERIES_BURST: u32 = 200;
/// The same per minute in the long run.
pub const FORGERIES_PER_MINUTE: u32 = 20;

/// Reports that an installation may send at once: all that its spool kept over years of silence.
pub const REPORTS_BURST: u32 = 2_000;
/// Reports that an installation may send per minute in the long run: far above any schedule, far below a flood.
pub const REPORTS_PER_MINUTE: u32 = 600;
/// Installations that may enrol at once from one address: the roll-out at a large customer, behind one public address.
pub const ENROLMENTS_BURST: u32 = 5_000;
/// Enrolments per minute in the long run from one address.
pub const ENROLMENTS_PER_MINUTE: u32 = 600;
/// Installations that may enrol at once from everywhere: more than any base rolls out in a night. It bounds what a flood
/// from many addresses writes to the disk, and nothing else.
pub const ENROLMENTS_BURST_IN_ALL: u32 = 100_000;
/// Enrolments per minute in the long run from everywhere: half of what the journal commits.
pub const ENROLMENTS_PER_MINUTE_IN_ALL: u32 = 30_000;
/// Tries at one name from one address at once.
pub const SIGN_IN_BURST: u32 = 10;
/// Tries per minute after that: 1,440 guesses a day against a long password.
pub const SIGN_INS_PER_MINUTE: u32 = 1;
/// Tries at one name at once from all addresses that its owner has not signed in from.
pub const NAME_SIGN_IN_BURST: u32 = 30;
/// Tries per minute after that: 2,880 guesses a day, however many addresses a guesser has.
pub const NAME_SIGN_INS_PER_MINUTE: u32 = 2;
/// Pairs of account and address that are remembered from sign-ins that succeeded.
pub const KNOWN_SENDERS: usize = 1_000;
/// Tries at all names from one address at once: an office that begins its day.
pub const SENDER_SIGN_IN_BURST: u32 = 60;
/// Tries per minute after that.
pub const SENDER_SIGN_INS_PER_MINUTE: u32 = 20;
/// Passwords that are hashed at once: each takes 19 MiB and some 20 ms of a core (argon2id).
pub const HASHES_AT_ONCE: usize = 4;
/// Passwords that may wait for that, a second's worth; whoever comes then is told to come back.
pub const HASHES_WAITING: usize = 64;
/// Failed sign-ins that the audit log tells one by one before it sums up: enough to see who tries what.
pub const FAILURES_TOLD_BURST: u32 = 100;
/// The same per minute in the long run, so that no flood fills the disk through the log.
pub const FAILURES_TOLD_PER_MINUTE: u32 = 1;
/// How often the failed sign-ins that were not told one by one are summed up in the audit log.
pub const FAILURES_PERIOD: Duration = Duration::from_secs(600);

/// How long a one-time link is good for: a working day and the night after it.
pub const LINK_HOURS: i64 = 24;
/// How long a session lasts: a working day, then the password is asked for again.
pub const SESSION_HOURS: i64 = 12;
/// Shortest password, characters: NIST SP 800-63B asks for 15 where nothing stands beside it; length is what counts.
pub const PASSWORD_SHORTEST: usize = 12;
/// Longest password, bytes: hashing takes no longer for it, reading it might.
pub const PASSWORD_LONGEST_BYTES: usize = 1_024;
/// How much of a password is held against what guessers try: the time that it takes grows with the square.
pub const PASSWORD_ESTIMATED_CHARACTERS: usize = 64;
/// Longest name of an account, characters.
pub const ACCOUNT_NAME_LONGEST: usize = 64;

/// How long a stop may take in all, whatever clients do: less than the five seconds after which some service managers kill.
pub const STOP_TIME_MOST: Duration = Duration::from_secs(4);

/// How often jobs run that tidy up.
pub const TIDY_PERIOD: Duration = Duration::from_secs(600);
/// How often a running collector looks for installations that were blocked by a command beside it.
pub const BLOCKED_PERIOD: Duration = Duration::from_secs(2);
/// Standings of installations that the projector takes over in one transaction.
pub const FOLLOWED_STANDINGS: usize = 4_096;
/// How often counts of refusals reach the journal.
pub const COUNTS_PERIOD: Duration = Duration::from_secs(5);
/// Batches from which on the columns count as lying far behind, and are brought up in large steps.
pub const REBUILT_FROM_BATCHES: i64 = 64;
