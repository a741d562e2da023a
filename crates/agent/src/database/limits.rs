//! Every number that bounds what the agent asks of a database, with its reason.

use std::time::Duration;

/// How long a connection may take: a name look-up, a TCP connection and a TLS handshake over a slow line.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one query may take: counting ten million rows takes a few seconds, and nobody at the site waits longer.
pub const QUERY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a whole snapshot may take, whatever its queries are allowed: a night's job, and not the night.
pub const SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long a query waits for another process's lock at the most; longer, and the table is "locked", not "slow".
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// What the client waits beyond the server's own limit, so that the server's clearer answer comes first.
pub const GRACE: Duration = Duration::from_millis(750);
/// How long one statement may read a SQLite file in rollback mode, during which the product cannot write: a product that
/// waits for locks at all waits longer.
pub const LOCK_HELD: Duration = Duration::from_millis(250);
/// How often a statement is asked again because the product opened or closed its file meanwhile.
pub const SQLITE_TRIES: usize = 3;
/// Rows of such a file that are counted at a time: a few milliseconds' worth.
pub const COUNT_STEP_ROWS: i64 = 10_000;
/// The same at the least, where the product writes so often that the file is at rest for moments alone.
pub const COUNT_STEP_ROWS_LEAST: i64 = 500;
/// Pause before the file is looked at again that was not at rest.
pub const REST_PAUSE: Duration = Duration::from_millis(1);
/// Longest pause after each such step: a product that waits for the file tries again within a few milliseconds.
pub const COUNT_PAUSE: Duration = Duration::from_millis(10);
/// How long candor tries to end on the server what it no longer waits for.
pub const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
/// SQLite's virtual machine looks at the clock once in this many steps: some ten microseconds.
pub const STEPS_PER_LOOK: i32 = 1_000;
/// Characters of one value that are read: one more than a report takes, so that a longer one is seen to be longer.
pub const VALUE_LENGTH: usize = candor_policy::limits::SETTING_LENGTH + 1;
/// Rows of a table of settings that are read; a report takes no more keys.
pub const SETTING_ROWS: usize = candor_policy::limits::KEYS_PER_METRIC;
/// Rows of counted devices that are read; a report takes no more.
pub const DEVICE_ROWS: usize = candor_policy::limits::DEVICE_ROWS;
/// Longest password file, bytes.
pub const PASSWORD_FILE_BYTES: u64 = 4096;
