SELECT month_number,
       count(*) FILTER (WHERE is_reporting) AS reporting,
       count(*) AS known,
       count(*) FILTER (WHERE is_heard) AS heard
FROM months
GROUP BY month_number
