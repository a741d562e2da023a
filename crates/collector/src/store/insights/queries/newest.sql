-- Of each installation that is still heard from, policy and metric: the newest report in the slice that speaks of it.
-- All its facts are the state; what an older report said of the same metric is not.
newest AS (
    SELECT f.installation, f.policy, f.metric, arg_max(f.seq, (f.period_end, f.seq)) AS seq
    FROM facts f
    JOIN wanted USING (policy, metric)
    JOIN base ON base.installation = f.installation
    WHERE base.last_end >= $heard_since::TIMESTAMP
      AND year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL
           OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
    GROUP BY f.installation, f.policy, f.metric
),
state AS (
    SELECT f.installation, f.policy, f.metric, f.key, f.state, f.text, f.number, f.seq, f.period_end
    FROM facts f
    JOIN newest USING (installation, policy, metric, seq)
)
