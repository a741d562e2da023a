-- The metrics that are asked for, bound as 'policy/metric policy/metric'.
wanted AS (
    SELECT split_part(name, '/', 1) AS policy, split_part(name, '/', 2) AS metric
    FROM unnest(string_split($wanted, ' ')) AS names(name)
)
