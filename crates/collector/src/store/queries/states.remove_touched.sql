DELETE FROM states WHERE installation IN (SELECT installation FROM touched);
DELETE FROM current_states WHERE installation IN (SELECT installation FROM touched);
DELETE FROM headers WHERE installation IN (SELECT installation FROM touched);
DELETE FROM heard WHERE installation IN (SELECT installation FROM touched);
