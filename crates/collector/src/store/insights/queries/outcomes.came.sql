came AS (
    SELECT o.policy, o.metric, o.kind, o.installation, o.count, year(o.month) * 12 + month(o.month) - 1 AS month_number
    FROM outcomes o
    JOIN base ON base.installation = o.installation
    WHERE year(o.month) * 12 + month(o.month) - 1 BETWEEN $from AND $through
      AND ($product::VARCHAR IS NULL OR o.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
)
