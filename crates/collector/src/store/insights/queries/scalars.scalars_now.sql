-- Values of whole metrics at the slice's end, each with the value beside it, as in `scalars.scalar_months.sql`.
said AS (
    SELECT s.installation, w.policy, w.metric, s.text,
           list_contains(string_split($beside, ' '), w.policy || '/' || w.metric) AS is_beside
    FROM standing s
    JOIN wanted w ON w.name = s.name
    WHERE w.key IS NULL AND s.state = 'value' AND s.text IS NOT NULL
),
beside AS (
    SELECT installation, policy, arg_max(text, metric) AS text
    FROM said
    WHERE is_beside
    GROUP BY installation, policy
)
SELECT i.name, i.customer_key, i.customer_name, s.policy, s.text, b.text AS beside
FROM said s
JOIN base i ON i.installation = s.installation
LEFT JOIN beside b ON b.installation = s.installation AND b.policy = s.policy
WHERE NOT s.is_beside
ORDER BY i.name, s.policy, s.metric
