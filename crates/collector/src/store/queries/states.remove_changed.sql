-- What a step's new rows replace: single states, and of the touched installations the newest header and all runs.
DELETE FROM current_states WHERE rowid IN (SELECT place FROM removed);
DELETE FROM headers WHERE month_until = 2147483647 AND installation IN (SELECT installation FROM touched);
DELETE FROM heard WHERE installation IN (SELECT installation FROM touched);
