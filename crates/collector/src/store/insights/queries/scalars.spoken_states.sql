-- How many installations say something of the metrics, withhold it, or could not measure it. A key that could not be
-- measured beside others that could does not make the metric unmeasured.
per_installation AS (
    SELECT $metric_by_metric::BOOLEAN AS apart,
           CASE WHEN apart THEN policy ELSE '' END AS policy,
           CASE WHEN apart THEN metric ELSE '' END AS metric,
           installation,
           bool_or(state NOT IN ('withheld', 'not-measured')) AS known,
           bool_or(state = 'withheld') AS withheld,
           bool_or(state = 'not-measured') AS not_measured
    FROM standing
    GROUP BY ALL
)
SELECT policy, metric,
       count(*) FILTER (WHERE known) AS known_at,
       count(*) FILTER (WHERE NOT known AND withheld) AS withheld_at,
       count(*) FILTER (WHERE NOT known AND NOT withheld AND not_measured) AS not_measured_at
FROM per_installation
GROUP BY policy, metric
ORDER BY policy, metric
