-- The installations of the slice month by month, from the first report on: the newest header, whether it is of this very month,
-- and whether the installation had been heard from within the silence limit at the month's end.
months AS (
    SELECT policy, version, month_number, month_from = month_number AS is_reporting,
           period_end >= least(make_date((month_number + 1) // 12, (month_number + 1) % 12 + 1, 1)::TIMESTAMP, $at::TIMESTAMP)
                         - to_days($silence_days::INTEGER) AS is_heard
    FROM (
        SELECT h.policy, h.version, h.period_end, h.month_from,
               unnest(range(greatest(h.month_from, $from - 1), least(h.month_until, $through + 1))) AS month_number
        FROM headers h
        JOIN base ON base.installation = h.installation
        WHERE ($product::VARCHAR IS NULL AND h.is_whole OR h.application = $product)
          AND h.month_from <= $through AND h.month_until >= $from
    )
)
