-- Of each month, the newest report that speaks of the metric, and all that it says of it: a key that it no longer counts is
-- gone, and so is every key where it withholds the metric, could not measure it or says that there is nothing. The name is
-- the metric's, not the key's, so the same holds from month to month.
spoken AS (
    SELECT f.installation, f.policy, f.metric, year(f.month) * 12 + month(f.month) - 1 AS month_number,
           arg_max(f.seq, (f.period_end, f.seq)) AS seq
    FROM facts f
    JOIN wanted USING (policy, metric)
    JOIN base ON base.installation = f.installation
    WHERE year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL
           OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
    GROUP BY f.installation, f.policy, f.metric, month_number
),
said AS (
    SELECT f.installation, f.policy || '/' || f.metric AS name, f.policy, f.metric, f.key, spoken.month_number,
           f.period_end AS ended, f.number
    FROM facts f
    JOIN spoken USING (installation, policy, metric, seq)
)
