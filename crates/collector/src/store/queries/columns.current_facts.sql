-- Of each installation, policy and metric: what stands after the newest report that counts, whenever it arrived.
chosen AS (
    SELECT *
    FROM counting
    QUALIFY place = max(place) OVER (PARTITION BY installation, policy, metric)
)
