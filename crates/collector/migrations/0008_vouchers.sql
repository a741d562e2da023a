-- Vouchers that an installation has enrolled with, or that were revoked. They are issued elsewhere, so one that nobody has used
-- yet is not here. `expires_on`: a day, such as 2027-06-30.
CREATE TABLE vouchers (
    voucher       TEXT PRIMARY KEY,
    customer      TEXT,
    installations INTEGER,
    expires_on    TEXT,
    first_used_at INTEGER,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;

-- What was decided about installations: the voucher that they enrolled with last, and whether they are blocked. `change` rises
-- with each change, so that whoever follows the journal finds what is new.
CREATE TABLE standings (
    installation INTEGER PRIMARY KEY REFERENCES installations (installation),
    change       INTEGER NOT NULL UNIQUE,
    voucher      TEXT REFERENCES vouchers (voucher),
    blocked_at   INTEGER
) STRICT;

CREATE INDEX standings_by_voucher ON standings (voucher);
