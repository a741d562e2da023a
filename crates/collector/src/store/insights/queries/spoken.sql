-- What the installations of the slice said of the metrics that are asked for, bound as 'policy/metric policy/metric'.
spoken AS (
    SELECT f.*
    FROM facts f
    JOIN base ON base.installation = f.installation
    WHERE list_contains(string_split($wanted, ' '), f.policy || '/' || f.metric)
      AND year(f.month) * 12 + month(f.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL
           OR f.seq IN (SELECT r.seq FROM reports r WHERE r.application = $product))
)
