-- Of what was said in each month (`said`: one row per installation, name and month), the word that holds at each
-- month's end: carried forward until the next one, and no further than the silence limit.
followed AS (
    SELECT *, lead(month_number) OVER (PARTITION BY installation, name ORDER BY month_number) AS next_number
    FROM said
),
expanded AS (
    SELECT *, unnest(range(
        month_number,
        least(coalesce(next_number, $through + 1), month_number + ($silence_days // 28) + 2, $through + 1)
    )) AS at_number
    FROM followed
),
carried AS (
    SELECT *
    FROM expanded
    WHERE at_number >= $from
      AND ended >= least(make_date((at_number + 1) // 12, (at_number + 1) % 12 + 1, 1)::TIMESTAMP, $at::TIMESTAMP)
                   - to_days($silence_days::INTEGER)
)
