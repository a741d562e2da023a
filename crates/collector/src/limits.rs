//! Every number that bounds the collector, with its reason. What bounds a report stands in [`candor_policy::limits`].

use std::time::Duration;

/// Reports that may wait for the committer: two or three seconds' worth at full speed, beyond which a sender is better
/// told to come back than kept waiting.
pub const WAITING_REPORTS: usize = 8_192;
/// Most reports in one group commit: enough to spread one fsync thin, few enough that the last one does not wait long.
pub const BATCH_REPORTS: usize = 256;
/// Most bytes of bodies in one group commit, so that a batch fits in memory whole wherever it is built.
pub const BATCH_BYTES: usize = 16 * 1024 * 1024;
/// Bodies from this size on are compressed in the journal; below it, the time costs more than the room.
pub const COMPRESS_FROM_BYTES: usize = 4 * 1024;
/// Bodies from this size on are read and admitted on a thread that may block: about a millisecond's work.
pub const BLOCKING_FROM_BYTES: usize = 64 * 1024;

/// Most reports in one transaction of the projector: at about 20 rows each, some tens of milliseconds.
pub const PROJECTED_REPORTS: i64 = 1_024;
/// The same while nobody waits for an acknowledgement that it could delay: rebuilding.
pub const REBUILT_REPORTS: i64 = 8_192;
/// Most bytes of bodies in one transaction of the projector.
pub const PROJECTED_BYTES: i64 = 32 * 1024 * 1024;
/// How long the projector gathers before it writes: many small transactions cost more than they are worth, and "within
/// about a second" leaves room.
pub const PROJECTION_PERIOD: Duration = Duration::from_millis(250);
/// How long the projector waits after a failure.
pub const PROJECTION_RETRY: Duration = Duration::from_secs(2);

/// Threads that DuckDB may use: projection and pages must leave a core to the acknowledgements.
pub const COLUMN_THREADS: i64 = 2;
/// Memory that DuckDB may use before it spills.
pub const COLUMN_MEMORY: &str = "1GB";
/// Queries of pages that run at once; more wait.
pub const CONCURRENT_QUERIES: usize = 4;

/// Connections that read the journal.
pub const JOURNAL_READERS: u32 = 4;
/// How long another process (`policy publish`) waits for the journal's lock.
pub const JOURNAL_LOCK_WAIT: Duration = Duration::from_secs(20);
/// Pages of write-ahead log after which a commit folds them back: 64 MiB; the checkpoint job does it earlier and beside
/// the commits.
pub const JOURNAL_WAL_PAGES: u32 = 16_384;

/// Installations whose keys are kept ready: 100 bytes each.
pub const CACHED_INSTALLATIONS: usize = 100_000;
/// Policy versions that are kept ready.
pub const CACHED_POLICIES: usize = 256;
