-- The metrics that are asked for and their keys, bound as 'policy/metric policy/metric'.
wanted AS (
    SELECT n.name, n.policy, n.metric, n.key
    FROM names n
    WHERE list_contains(string_split($wanted, ' '), n.policy || '/' || n.metric)
)
