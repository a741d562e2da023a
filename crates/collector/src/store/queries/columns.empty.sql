BEGIN;
DELETE FROM installations;
DELETE FROM reports;
DELETE FROM facts;
DELETE FROM usage;
DELETE FROM flows;
DELETE FROM outcomes;
UPDATE projected SET batch = 0, last_seq = 0;
COMMIT;
