-- How many installations say something of the metrics, withhold it, or could not measure it. A key that could not be
-- measured beside others that could does not make the metric unmeasured.
per_installation AS (
    SELECT CASE WHEN $metric_by_metric::BOOLEAN THEN w.policy ELSE '' END AS policy,
           CASE WHEN $metric_by_metric::BOOLEAN THEN w.metric ELSE '' END AS metric,
           s.installation,
           bool_or(s.state NOT IN ('withheld', 'not-measured')) AS known,
           bool_or(s.state = 'withheld') AS withheld,
           bool_or(s.state = 'not-measured') AS not_measured
    FROM standing s
    JOIN wanted w ON w.name = s.name
    GROUP BY ALL
)
SELECT policy, metric,
       count(*) FILTER (WHERE known) AS known_at,
       count(*) FILTER (WHERE NOT known AND withheld) AS withheld_at,
       count(*) FILTER (WHERE NOT known AND NOT withheld AND not_measured) AS not_measured_at
FROM per_installation
GROUP BY policy, metric
ORDER BY policy, metric
