-- Of each installation, policy, metric and month: the newest report that counts.
chosen AS (
    SELECT *, year(month) * 12 + month(month) - 1 AS month_number
    FROM counting
    QUALIFY place = max(place) OVER (PARTITION BY installation, policy, metric, month)
)
