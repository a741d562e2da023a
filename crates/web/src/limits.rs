//! Every number that bounds a server or a page of ours, with its reason.

use std::time::Duration;

/// How long a client may take over a request's header: a slow one holds a connection, nothing else.
pub const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a client may take over a request's body: the largest report compresses to 1 MiB or less, which takes 28 s over a
/// thin line of 300 kbit/s; one that does not compress at all needs 1.2 Mbit/s.
pub const BODY_TIME: Duration = Duration::from_secs(30);
/// How long open requests may take to end when the server stops: what follows must be done within the five seconds that a stop
/// may take, and a report that is cut off is sent again.
pub const STOP_TIME: Duration = Duration::from_secs(2);
/// Requests that one HTTP/2 connection may have open.
pub const STREAMS_PER_CONNECTION: u32 = 200;
/// Largest form that a page takes, bytes: names and passwords.
pub const FORM_BYTES: usize = 16 * 1024;
/// Bodies from this size on are worked on by a thread that may block: decompressing and parsing take some milliseconds.
pub const BLOCKING_FROM_BYTES: usize = 16 * 1024;
/// Largest window that a zstd frame may ask for, as a power of two: 8 MiB, twice the largest report.
pub const ZSTD_WINDOW_LOG: u32 = 23;
/// Keys that a throttle remembers before it forgets those that have calmed down.
pub const THROTTLED_KEYS: usize = 100_000;
/// How long a refused sender is asked to wait, seconds.
pub const RETRY_AFTER_SECONDS: u32 = 5;
/// How often the files of the certificate are looked at: they change every few weeks, and days before the old one ends.
pub const CERTIFICATE_PERIOD: Duration = Duration::from_mins(1);
/// Longest request id that is taken over from a client, characters: a UUID has 36, and a log line stays readable.
pub const REQUEST_ID_LONGEST: usize = 64;
/// How long warnings and errors that say the same are counted before a line sums them up.
pub const REPEATS_PERIOD: Duration = Duration::from_mins(1);
/// How often the log looks for counts that are due.
pub const REPEATS_LOOK: Duration = Duration::from_secs(5);
/// Kinds of warnings and errors that are counted at once; what comes beyond is written as it comes.
pub const REPEATS_KINDS: usize = 256;
/// What of a line makes its kind, bytes: the message and the first words of its cause.
pub const REPEATS_TEXT_BYTES: usize = 256;
