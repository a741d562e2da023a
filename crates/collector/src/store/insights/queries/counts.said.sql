-- The name is the metric's, not the key's: a table that the next report does not count is not carried beyond it, and
-- neither is any where the next report withholds the metric or could not measure it.
said AS (
    SELECT f.installation, f.policy || '/' || f.metric AS name, f.policy, f.metric, f.key,
           year(f.month) * 12 + month(f.month) - 1 AS month_number,
           max(f.period_end) AS ended,
           arg_max(f.number, (f.period_end, f.seq)) AS number
    FROM facts f
    JOIN wanted USING (policy, metric)
    JOIN base ON base.installation = f.installation
    WHERE year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL
           OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
    GROUP BY f.installation, f.policy, f.metric, f.key, month_number
)
