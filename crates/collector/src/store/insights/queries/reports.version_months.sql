said AS (
    SELECT r.installation, '' AS name,
           year(r.month) * 12 + month(r.month) - 1 AS month_number,
           arg_max(r.policy, (r.period_end, r.seq)) AS policy,
           arg_max(r.version, (r.period_end, r.seq)) AS version
    FROM reports r
    JOIN base ON base.installation = r.installation
    WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL OR r.application = $product)
    GROUP BY r.installation, month_number
)
