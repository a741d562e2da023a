-- All that a customer page needs of what was said: words on whole metrics, word by word; of metrics with keys, which reports
-- said some, and, of keys that a report could not measure, what other reports said of them.
missing AS (
    SELECT DISTINCT installation, policy, metric, key
    FROM spoken
    WHERE state = 'not-measured' AND key IS NOT NULL
),
said AS (
    SELECT installation, policy, metric, seq, period_end, key, state, text, number
    FROM spoken
    WHERE key IS NULL OR state = 'not-measured'
    UNION ALL
    SELECT installation, policy, metric, seq, any_value(period_end), NULL, 'parts', NULL, NULL
    FROM spoken
    WHERE key IS NOT NULL AND state <> 'not-measured'
    GROUP BY installation, policy, metric, seq
    UNION ALL
    SELECT f.installation, f.policy, f.metric, f.seq, any_value(f.period_end), m.key,
           coalesce(max(f.state) FILTER (lower(f.key) = lower(m.key)), 'parts'),
           max(f.text) FILTER (lower(f.key) = lower(m.key)),
           max(f.number) FILTER (lower(f.key) = lower(m.key))
    FROM spoken f
    JOIN missing m USING (installation, policy, metric)
    WHERE f.state <> 'not-measured'
      AND (lower(f.key) = lower(m.key) OR starts_with(lower(f.key), lower(m.key) || '.'))
    GROUP BY f.installation, f.policy, f.metric, f.seq, m.key
)
SELECT i.name, s.policy, s.metric, s.key, s.state, s.text, s.number, epoch_us(s.period_end) AS ended, s.seq
FROM said s
JOIN installations i ON i.installation = s.installation
ORDER BY i.name, s.policy, s.metric, s.period_end, s.seq, s.key NULLS FIRST
