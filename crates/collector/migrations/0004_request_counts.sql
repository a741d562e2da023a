-- Outcomes are counted by the columns, which have them by report. What no report in the journal carries stays here: how often
-- each refusal was answered, by its problem code, and under 'duplicate' how many reports came again.
ALTER TABLE refusals RENAME TO request_counts;
INSERT INTO request_counts (code, count)
SELECT 'duplicate', sum(count) FROM outcomes WHERE kind = 'duplicate' HAVING sum(count) > 0;
DROP TABLE outcomes;
DROP TABLE counted;
