-- What was changed in reports that were taken in before: their bytes erased or rewritten, in the transaction of this row.
-- Whoever follows the journal builds these installations anew.
CREATE TABLE revisions (
    revision     INTEGER PRIMARY KEY,
    installation INTEGER NOT NULL REFERENCES installations (installation),
    at           INTEGER NOT NULL,
    what         TEXT    NOT NULL
) STRICT;
