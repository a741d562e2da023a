-- Only installations that are known at both ends: others would show as growth when they come and as decline when they go.
both AS (
    SELECT installation, name
    FROM carried
    GROUP BY installation, name
    HAVING count(*) FILTER (WHERE at_number = $from) > 0 AND count(*) FILTER (WHERE at_number = $through) > 0
)
SELECT c.policy, c.metric, c.key, c.at_number, sum(c.number)::DOUBLE, count(*)
FROM carried c
JOIN both USING (installation, name)
GROUP BY c.policy, c.metric, c.key, c.at_number
ORDER BY c.policy, c.metric, c.key, c.at_number
