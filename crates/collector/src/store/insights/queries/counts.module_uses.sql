-- What was said last of the module's records.
, said AS (
    SELECT f.installation, max(f.period_end) AS said_last
    FROM facts f
    JOIN wanted w ON w.policy = f.policy AND w.metric = f.metric AND w.key = f.key
    WHERE w.key = $key
      AND f.number IS NOT NULL
      AND year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
    GROUP BY f.installation
)
SELECT w.policy, w.metric, w.key, i.installation, i.name, i.customer_key,
       i.customer_name, u.records, u.records_before, u.use, epoch_us(s.said_last) AS said_last
FROM uses u
JOIN wanted w ON w.name = u.name
JOIN base i ON i.installation = u.installation
JOIN said s ON s.installation = u.installation
WHERE w.key = $key
ORDER BY w.policy, w.metric, i.name
