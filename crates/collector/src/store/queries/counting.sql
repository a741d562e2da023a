-- Of what was said (`spoken`: rows of facts), the reports that count for a metric, in order. One that could measure nothing of
-- it takes away no value that was said before; one that withholds it does, and so does one that says that there is none.
words AS (
    SELECT any_value(installation) AS installation, any_value(policy) AS policy, metric, seq,
           any_value(period_end) AS ended, any_value(month) AS month,
           CASE WHEN bool_or(state NOT IN ('withheld', 'not-measured')) THEN 'said'
                WHEN bool_or(state = 'withheld') THEN 'withheld' END AS word
    FROM spoken
    GROUP BY metric, seq
),
counting AS (
    SELECT *, row_number() OVER (PARTITION BY installation, policy, metric ORDER BY ended, seq) AS place
    FROM (
        SELECT *
        FROM words
        QUALIFY word IS NOT NULL
             OR last_value(word IGNORE NULLS) OVER (
                    PARTITION BY installation, policy, metric ORDER BY ended, seq
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) IS DISTINCT FROM 'said'
    )
)
