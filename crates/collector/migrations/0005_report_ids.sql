-- An index makes the ids of reports unique. The table of ids went with a part of them that was in memory alone.
CREATE UNIQUE INDEX reports_by_id ON reports (report_id);
DROP TABLE report_ids;
DROP TABLE named;
