SELECT policies.id, outcomes.metric, outcomes.kind, sum(outcomes.count) AS count
FROM outcomes
JOIN policies ON policies.policy = outcomes.policy
GROUP BY policies.id, outcomes.metric, outcomes.kind
ORDER BY policies.id, outcomes.metric, outcomes.kind
