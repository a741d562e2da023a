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
/// Requests that one HTTP/2 connection may have open: RFC 9113 asks for no fewer than 100.
pub const STREAMS_PER_CONNECTION: u32 = 100;
/// Bytes of bodies that one HTTP/2 stream, and one connection with all its streams, may send ahead of their being read.
pub const STREAM_WINDOW_BYTES: u32 = 128 * 1024;
/// The same of a connection.
pub const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;
/// Streams that an HTTP/2 client may open and reset before they were looked at (rapid reset, CVE-2023-44487).
pub const PENDING_RESETS: usize = 20;
/// Bytes of an answer that are buffered for one HTTP/2 stream.
pub const STREAM_BUFFER_BYTES: usize = 64 * 1024;
/// Largest head of a request, and what is buffered of an HTTP/1 connection: a browser's cookies take a fraction of it.
pub const HEAD_BYTES: usize = 32 * 1024;
/// Most fields in the head of a request.
pub const HEAD_FIELDS: usize = 100;
/// How often an HTTP/2 peer is asked whether it is still there, and how long it may take to say so.
pub const PING_PERIOD: Duration = Duration::from_secs(10);
/// How often a connection is looked at, where nothing can be read from it or written to it.
pub const STALL_PERIOD: Duration = Duration::from_secs(4);
/// So many looks in a row without progress end a connection: it goes within 20 seconds after the last of it.
pub const STALLS_MOST: u32 = 4;
/// Bytes that a peer must take between two looks to count as one that reads: some 30 kbit/s. Answers to pings do not add up to it.
pub const PROGRESS_BYTES: u64 = 16 * 1024;
/// Connections at once, where the limit on open files is not lower: some 30 KiB each.
pub const CONNECTIONS: usize = 8_192;
/// Open files that are not connections: databases, their logs, figures that are being written.
pub const OTHER_FILES: usize = 256;
/// Connections of one address at once; a proxy that is trusted has as many as there are. A share of all connections, so that no
/// eight addresses have them all.
pub const CONNECTION_SHARE: usize = 8;
/// Requests of one address that may be open at once: a whole company's reports arrive in milliseconds each.
pub const OPEN_PER_ADDRESS: usize = 1_024;
/// Bytes of answers, of all requests together, that wait for somebody to read them: some 1,000 pages.
pub const ANSWERS_BYTES: usize = 64 * 1024 * 1024;
/// The same for one address.
pub const ANSWERS_BYTES_PER_ADDRESS: usize = 16 * 1024 * 1024;
/// Answers up to this size are not counted: receipts, redirects, problems.
pub const ANSWER_FREE_BYTES: usize = 4 * 1024;
/// Largest form that a page takes, bytes: names and passwords.
pub const FORM_BYTES: usize = 16 * 1024;
/// A body is small up to this size, as it came and decompressed: reading it takes less time than checking its signature.
pub const SMALL_BYTES: usize = 16 * 1024;
/// What grows more than so many times when it is decompressed is not small.
pub const EXPANSION_FACTOR: usize = 10;
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
