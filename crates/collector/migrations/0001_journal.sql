-- The journal: the truth from which the columns are rebuilt, and the control data beside it.
-- Times are microseconds since 1970-01-01T00:00:00Z. Digests are the 32 bytes of a SHA-256.

CREATE TABLE policies (
    policy       INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    digest       BLOB    NOT NULL UNIQUE,
    manifest     TEXT    NOT NULL,
    signature    BLOB    NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT    NOT NULL,
    UNIQUE (id, version)
) STRICT;

CREATE TABLE installations (
    installation INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL UNIQUE,
    public_key   BLOB    NOT NULL,
    enrolled_at  INTEGER NOT NULL
) STRICT;

-- `seq` has no gaps. One group commit is one batch, and its rows never change, so whoever builds batch N builds the same
-- rows. A commit touches the last pages of this table, a few of `report_ids` and now and then `named`.
CREATE TABLE reports (
    seq             INTEGER PRIMARY KEY,
    report_id       BLOB    NOT NULL,
    batch           INTEGER NOT NULL,
    installation    INTEGER NOT NULL REFERENCES installations (installation),
    policy          INTEGER NOT NULL REFERENCES policies (policy),
    period_end      INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    received_digest BLOB    NOT NULL,
    stored_digest   BLOB    NOT NULL,
    accepted        INTEGER NOT NULL,
    outcomes        TEXT    NOT NULL,
    address         TEXT,
    body_form       INTEGER NOT NULL,
    body            BLOB    NOT NULL
) STRICT;

-- No two reports have the same id. The latest ids are not here yet but in the committer's memory.
CREATE TABLE report_ids (
    report_id BLOB    PRIMARY KEY,
    seq       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to this report all ids are in `report_ids`; those of the later ones may be.
CREATE TABLE named (last_seq INTEGER NOT NULL) STRICT;
INSERT INTO named VALUES (0);

-- How often each outcome happened, over all reports up to `counted`; '' stands for what no policy declares.
CREATE TABLE outcomes (
    policy INTEGER NOT NULL REFERENCES policies (policy),
    metric TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (policy, metric, kind)
) STRICT, WITHOUT ROWID;

-- The last report whose outcomes are in `outcomes`; those of the later ones are counted again from the reports at a start.
CREATE TABLE counted (last_seq INTEGER NOT NULL) STRICT;
INSERT INTO counted VALUES (0);

-- How often each refusal was answered: nothing of a refused report is kept but this count.
CREATE TABLE refusals (
    code  TEXT    NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    account       INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

-- One-time links that create an account; only the digest of a token is kept.
CREATE TABLE setup_tokens (
    token_digest BLOB    PRIMARY KEY,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only the digest of a session's name is kept: who reads this file cannot take a session over.
CREATE TABLE sessions (
    session_digest BLOB    PRIMARY KEY,
    record         TEXT    NOT NULL,
    expires_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Append-only: each entry carries the digest of the one before.
CREATE TABLE audit (
    entry    INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    previous BLOB    NOT NULL,
    digest   BLOB    NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER audit_is_never_rewritten BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
