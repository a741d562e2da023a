-- Values of whole metrics by month, each with the value beside it: of those metrics of the same policy that are bound as
-- 'policy/metric policy/metric' in $beside.
said AS (
    SELECT c.installation, w.policy, w.metric, c.text,
           list_contains(string_split($beside, ' '), w.policy || '/' || w.metric) AS is_beside,
           unnest(range(c.month_from, c.month_until)) AS month_number
    FROM carried c
    JOIN wanted w ON w.name = c.name
    WHERE w.key IS NULL AND c.state = 'value' AND c.text IS NOT NULL
),
beside AS (
    SELECT installation, policy, month_number, arg_max(text, metric) AS text
    FROM said
    WHERE is_beside
    GROUP BY installation, policy, month_number
)
SELECT s.text, b.text AS beside, s.month_number, count(*) AS installations
FROM said s
LEFT JOIN beside b ON b.installation = s.installation AND b.policy = s.policy AND b.month_number = s.month_number
WHERE NOT s.is_beside
GROUP BY s.text, b.text, s.month_number
ORDER BY s.text, b.text, s.month_number
