, counted AS (
    SELECT name, state, text, number, count(*) AS installations
    FROM standing
    WHERE state IN ('value', 'unset', 'in-use', 'hash', 'bucket')
    GROUP BY name, state, text, number
)
SELECT w.policy, w.metric, w.key, c.state, c.text, c.number, c.installations
FROM counted c
JOIN wanted w ON w.name = c.name
WHERE w.key IS NOT NULL
  AND ($search::VARCHAR IS NULL OR contains(lower(w.key), lower($search)))
  AND ($key::VARCHAR IS NULL OR w.key = $key)
ORDER BY w.policy, w.metric, w.key, c.installations DESC, c.text, c.number
