, tallies AS (
    SELECT name,
           count(*) FILTER (WHERE use = 'active') AS active,
           count(*) FILTER (WHERE use = 'only-records') AS only_records,
           count(*) FILTER (WHERE use = 'empty') AS empty,
           count(*) FILTER (WHERE use = 'too-new') AS too_new,
           count(*) FILTER (WHERE use = 'silent') AS silent,
           coalesce(sum(records) FILTER (WHERE use <> 'silent'), 0)::DOUBLE AS records
    FROM uses
    GROUP BY name
)
SELECT w.policy, w.metric, w.key, t.active, t.only_records, t.empty, t.too_new, t.silent, t.records
FROM tallies t
JOIN wanted w ON w.name = t.name
WHERE w.key IS NOT NULL
ORDER BY w.policy, w.metric, w.key
