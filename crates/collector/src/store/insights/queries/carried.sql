-- Of what was said in each month (`said`: installation, the name of what is said, month), the word that holds at each
-- month's end: carried forward until the next word on the same, for as long as the installation is heard from at all.
followed AS (
    SELECT *, min(month_number) OVER (
        PARTITION BY installation, name ORDER BY month_number RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS next_number
    FROM said
),
expanded AS (
    SELECT *, unnest(range(
        greatest(month_number, $from), coalesce(next_number, $through + 1)
    )) AS at_number
    FROM followed
),
carried AS (
    SELECT expanded.*
    FROM expanded
    JOIN heard USING (installation, at_number)
)
