-- The audit log's last entry, signed with the collector's key: without it, a log whose end was cut off looks whole.
CREATE TABLE audit_head (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    entry     INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    signature BLOB    NOT NULL
) STRICT;

-- The number of a removed account is never given to another: a session that outlives it is nobody's.
CREATE TABLE numbered_accounts (
    account       INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

INSERT INTO numbered_accounts SELECT account, name, role, password_hash, created_at FROM accounts;
DROP TABLE accounts;
ALTER TABLE numbered_accounts RENAME TO accounts;
