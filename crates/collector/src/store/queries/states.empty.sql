BEGIN;
DELETE FROM states;
DELETE FROM current_states;
DELETE FROM headers;
DELETE FROM heard;
DELETE FROM names;
UPDATE projected SET states_seq = 0;
COMMIT;
