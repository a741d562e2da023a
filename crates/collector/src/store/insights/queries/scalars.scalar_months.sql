said AS (
    SELECT s.installation, s.policy || '/' || s.metric AS name, s.policy, s.metric, c.month_number, s.state, s.text, s.number
    FROM standing s
    JOIN chosen c USING (installation, policy, metric, seq)
    WHERE s.key IS NULL
)
