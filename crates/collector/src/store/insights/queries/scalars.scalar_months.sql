said AS (
    SELECT f.installation, f.policy || '/' || f.metric AS name, f.policy, f.metric,
           year(f.month) * 12 + month(f.month) - 1 AS month_number,
           arg_max(f.state, (f.period_end, f.seq)) AS state,
           arg_max(struct_pack(text := f.text, number := f.number), (f.period_end, f.seq)) AS value
    FROM facts f
    JOIN wanted USING (policy, metric)
    JOIN base ON base.installation = f.installation
    WHERE f.key IS NULL
      AND year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL
           OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
    GROUP BY f.installation, f.policy, f.metric, month_number
)
