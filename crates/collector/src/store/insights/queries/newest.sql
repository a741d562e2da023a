-- Of each installation that is still heard from, policy and metric: the newest report that counts. What stands after it is
-- the state; what an older report said of the same metric is not.
chosen AS (
    SELECT c.*
    FROM counting c
    JOIN base USING (installation)
    WHERE base.last_end >= $heard_since::TIMESTAMP
    QUALIFY place = max(place) OVER (PARTITION BY c.installation, c.policy, c.metric)
)
