-- What stands after each report that was chosen among those that count (`chosen`): all that it says of the metric, and, of what
-- it could not measure, what was said last before. `seq` is the chosen report's, `period_end` that of the one that said it.
-- A key that could not be measured stands for itself and, where it is a table, for the settings in it; none stands for every
-- table. Of a table of which the report says anything itself nothing is missing: it was read, and what is not in it is gone.
tried AS (
    SELECT DISTINCT c.installation, c.policy, c.metric, c.seq, c.place, lower(f.key) AS missed
    FROM (SELECT metric, seq, key FROM spoken WHERE state = 'not-measured') f
    JOIN counting c USING (seq, metric)
    WHERE c.word = 'said'
),
-- By which names a key that was ever said may be missed, and of which table it then is (`part`).
names AS (
    SELECT DISTINCT policy, metric, key
    FROM spoken
    SEMI JOIN tried USING (policy, metric)
    WHERE key IS NOT NULL AND state NOT IN ('withheld', 'not-measured')
),
parts AS (
    SELECT policy, metric, key, array_to_string(words[:unnest(range(1, len(words) + 1))], '.') AS part
    FROM (SELECT *, string_split(lower(key), '.') AS words FROM names)
),
coverings AS (
    SELECT policy, metric, key, part, part AS missed FROM parts
    UNION ALL
    SELECT policy, metric, key, split_part(lower(key), '.', 1), NULL FROM names
),
-- What each installation said of the keys that it could not measure at another time. Most that is missing was never there.
covered AS (
    SELECT f.*, n.part, n.missed
    FROM spoken f
    JOIN coverings n USING (policy, metric, key)
    SEMI JOIN tried t ON t.installation = f.installation AND t.policy = f.policy AND t.metric = f.metric
                     AND t.missed IS NOT DISTINCT FROM n.missed
    WHERE f.state NOT IN ('withheld', 'not-measured')
),
said_before AS (
    SELECT f.*, c.place
    FROM covered f
    JOIN counting c USING (seq, metric)
),
runs AS (
    SELECT *, place - row_number() OVER (PARTITION BY installation, policy, metric, missed, part ORDER BY place) AS run
    FROM (
        SELECT t.*, b.part
        FROM tried t
        JOIN (SELECT DISTINCT installation, policy, metric, missed, part FROM said_before) b
          ON b.installation = t.installation AND b.policy = t.policy AND b.metric = t.metric
         AND b.missed IS NOT DISTINCT FROM t.missed
    ) t
    ANTI JOIN said_before USING (seq, metric, part)
),
gaps AS (
    SELECT *
    FROM (
        SELECT *, min(place) OVER (PARTITION BY installation, policy, metric, missed, part, run) - 1 AS known_place
        FROM runs
    )
    SEMI JOIN chosen USING (seq, metric)
),
holes AS (
    SELECT g.installation, g.policy, g.metric, g.seq, g.place, k.key, min(g.known_place) AS known_place
    FROM gaps g
    JOIN (SELECT DISTINCT installation, policy, metric, missed, part, key FROM said_before) k
      ON k.installation = g.installation AND k.policy = g.policy AND k.metric = g.metric AND k.part = g.part
     AND k.missed IS NOT DISTINCT FROM g.missed
    GROUP BY ALL
),
filled AS (
    SELECT h.installation, h.policy, h.metric, h.seq, h.key, b.state, b.text, b.number, b.period_end
    FROM holes h
    ASOF JOIN (SELECT DISTINCT ON (seq, metric, key) * FROM said_before) b
           ON b.installation = h.installation AND b.policy = h.policy AND b.metric = h.metric AND b.key = h.key
          AND h.place > b.place
    WHERE b.place >= h.known_place
),
said_now AS NOT MATERIALIZED (
    SELECT f.installation, f.policy, f.metric, f.seq, f.key, f.state, f.text, f.number, f.period_end
    FROM spoken f
    SEMI JOIN chosen USING (seq, metric)
),
standing AS (
    SELECT * FROM said_now WHERE state <> 'not-measured'
    UNION ALL
    SELECT s.*
    FROM said_now s
    ANTI JOIN filled USING (seq, metric, key)
    WHERE s.state = 'not-measured'
    UNION ALL
    SELECT * FROM filled
)
