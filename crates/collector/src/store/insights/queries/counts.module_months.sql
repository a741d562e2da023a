-- Only installations that are known at both ends: others would show as growth when they come and as decline when they go.
known_at_both AS (
    SELECT installation, policy, metric, key
    FROM carried
    WHERE number IS NOT NULL
    GROUP BY installation, policy, metric, key
    HAVING count(*) FILTER (WHERE at_number = $from) > 0 AND count(*) FILTER (WHERE at_number = $through) > 0
)
SELECT c.policy, c.metric, c.key, c.at_number, sum(c.number)::DOUBLE, count(*)
FROM carried c
JOIN known_at_both USING (installation, policy, metric, key)
WHERE c.number IS NOT NULL
GROUP BY c.policy, c.metric, c.key, c.at_number
ORDER BY c.policy, c.metric, c.key, c.at_number
