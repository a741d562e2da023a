-- Of each installation: the months at whose end it had been heard from within the silence limit.
spoke AS (
    SELECT r.installation, year(r.month) * 12 + month(r.month) - 1 AS month_number, max(r.period_end) AS ended
    FROM reports r
    JOIN base ON base.installation = r.installation
    WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL OR r.application = $product)
    GROUP BY r.installation, month_number
),
heard AS (
    SELECT DISTINCT installation, at_number
    FROM (
        SELECT *, unnest(range(month_number, least(month_number + ($silence_days // 28) + 2, $through + 1))) AS at_number
        FROM spoke
    )
    WHERE at_number >= $from
      AND ended >= least(make_date((at_number + 1) // 12, (at_number + 1) % 12 + 1, 1)::TIMESTAMP, $at::TIMESTAMP)
                   - to_days($silence_days::INTEGER)
)
