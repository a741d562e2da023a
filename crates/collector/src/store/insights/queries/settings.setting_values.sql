SELECT s.policy, s.metric, s.key, s.state, s.text, s.number, count(DISTINCT s.installation) AS installations
FROM standing s
WHERE s.key IS NOT NULL
  AND s.state IN ('value', 'unset', 'in-use', 'hash', 'bucket')
  AND ($search::VARCHAR IS NULL OR contains(lower(s.key), lower($search)))
  AND ($key::VARCHAR IS NULL OR s.key = $key)
GROUP BY s.policy, s.metric, s.key, s.state, s.text, s.number
ORDER BY s.policy, s.metric, s.key, count(DISTINCT s.installation) DESC, s.text, s.number
