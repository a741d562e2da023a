-- Each month beside the one before it, over the installations that are known in both: others would show as growth when
-- they come and as decline when they go.
SELECT c.policy, c.metric, c.key, c.at_number AS month_number,
       coalesce(sum(c.number) FILTER (WHERE before.number IS NOT NULL), 0)::DOUBLE AS records,
       coalesce(sum(before.number), 0)::DOUBLE AS records_before,
       count(*) AS installations
FROM carried c
LEFT JOIN carried before
       ON before.installation = c.installation AND before.policy = c.policy AND before.metric = c.metric
      AND before.key = c.key AND before.at_number = c.at_number - 1
WHERE c.number IS NOT NULL
GROUP BY c.policy, c.metric, c.key, c.at_number
ORDER BY c.policy, c.metric, c.key, c.at_number
