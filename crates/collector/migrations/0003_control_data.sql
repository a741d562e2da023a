-- Control data in terms that PostgreSQL has too: no NOCASE, and no search within JSON.

-- `name_key` is the name in lower case (ASCII), by which it is found and unique.
CREATE TABLE accounts_by_key (
    account       INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

INSERT INTO accounts_by_key (account, name, name_key, role, password_hash, created_at)
SELECT account, name, lower(name), role, password_hash, created_at FROM accounts;
-- The number of an account that was removed stays taken.
DELETE FROM sqlite_sequence WHERE name = 'accounts_by_key';
INSERT INTO sqlite_sequence (name, seq) SELECT 'accounts_by_key', seq FROM sqlite_sequence WHERE name = 'accounts';
DROP TABLE accounts;
ALTER TABLE accounts_by_key RENAME TO accounts;

-- Whose session it is, once somebody has signed in.
ALTER TABLE sessions ADD COLUMN account INTEGER;
UPDATE sessions SET account = json_extract(record, '$.account');
