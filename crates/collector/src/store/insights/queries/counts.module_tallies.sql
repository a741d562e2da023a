, tallies AS (
    SELECT name,
           count(*) FILTER (WHERE use = 'active') AS active,
           count(*) FILTER (WHERE use = 'only-records') AS only_records,
           count(*) FILTER (WHERE use = 'empty') AS empty,
           sum(records)::DOUBLE AS records
    FROM uses
    GROUP BY name
)
SELECT w.policy, w.metric, w.key, t.active, t.only_records, t.empty, t.records
FROM tallies t
JOIN wanted w ON w.name = t.name
WHERE w.key IS NOT NULL
ORDER BY w.policy, w.metric, w.key
