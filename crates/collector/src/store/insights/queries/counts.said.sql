-- What stands at the end of each month in which something counted: a key that is no longer counted is gone, and so is every key
-- where the metric is withheld or there is nothing. The name is the metric's, not the key's, so the same holds from month to
-- month.
said AS (
    SELECT s.installation, s.policy || '/' || s.metric AS name, s.policy, s.metric, s.key, c.month_number,
           s.period_end AS ended, s.number
    FROM standing s
    JOIN chosen c USING (installation, policy, metric, seq)
)
