-- What stands after each report that was chosen among those that count (`chosen`): all that it says of the metric, and, of what
-- it could not measure, what was said last before. `seq` is the chosen report's, `period_end` that of the one that said it.
-- A key that could not be measured stands for itself and, where it is a table, for the settings in it; none stands for all.
tried AS (
    SELECT DISTINCT c.installation, c.policy, c.metric, c.seq, c.place, f.key
    FROM counting c
    JOIN spoken f USING (installation, policy, metric, seq)
    WHERE c.word = 'said' AND f.state = 'not-measured'
),
runs AS (
    SELECT *, place - row_number() OVER (PARTITION BY installation, policy, metric, key ORDER BY place) AS run
    FROM tried
),
gaps AS (
    SELECT *
    FROM (
        SELECT *, min(place) OVER (PARTITION BY installation, policy, metric, key, run) - 1 AS known_place FROM runs
    )
    SEMI JOIN chosen USING (installation, policy, metric, seq)
),
filled AS (
    SELECT g.installation, g.policy, g.metric, g.seq, f.key,
           arg_max(struct_pack(state := f.state, text := f.text, number := f.number, period_end := f.period_end), c.place)
               AS last
    FROM gaps g
    JOIN counting c ON c.installation = g.installation AND c.policy = g.policy AND c.metric = g.metric
                   AND c.place BETWEEN g.known_place AND g.place - 1
    JOIN spoken f ON f.installation = g.installation AND f.policy = g.policy AND f.metric = g.metric AND f.seq = c.seq
    WHERE f.key IS NOT NULL
      AND f.state NOT IN ('withheld', 'not-measured')
      AND (g.key IS NULL OR lower(f.key) = lower(g.key) OR starts_with(lower(f.key), lower(g.key) || '.'))
    GROUP BY g.installation, g.policy, g.metric, g.seq, f.key
),
said_now AS (
    SELECT f.installation, f.policy, f.metric, f.seq, f.key, f.state, f.text, f.number, f.period_end
    FROM chosen c
    JOIN spoken f USING (installation, policy, metric, seq)
),
standing AS (
    SELECT s.*
    FROM said_now s
    ANTI JOIN filled f ON f.installation = s.installation AND f.policy = s.policy AND f.metric = s.metric
                      AND f.seq = s.seq AND f.key = s.key AND s.state = 'not-measured'
    UNION ALL
    SELECT f.installation, f.policy, f.metric, f.seq, f.key, f.last.state, f.last.text, f.last.number, f.last.period_end
    FROM filled f
    ANTI JOIN (SELECT * FROM said_now WHERE state <> 'not-measured') s USING (installation, policy, metric, seq, key)
)
