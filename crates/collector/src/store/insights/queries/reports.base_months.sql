reporting AS (
    SELECT month_number AS number, count(*) AS reporting
    FROM spoke
    GROUP BY number
),
first AS (
    SELECT installation, min(month_number) AS number
    FROM spoke
    GROUP BY installation
),
still AS (
    SELECT at_number AS number, count(*) AS heard
    FROM heard
    GROUP BY number
),
months AS (
    SELECT unnest(range($from, $through + 1)) AS number
)
SELECT m.number AS month_number,
       coalesce(r.reporting, 0) AS reporting,
       (SELECT count(*) FROM first WHERE first.number = m.number) AS new,
       (SELECT count(*) FROM first WHERE first.number <= m.number) AS known,
       coalesce(s.heard, 0) AS heard
FROM months m
LEFT JOIN reporting r ON r.number = m.number
LEFT JOIN still s ON s.number = m.number
ORDER BY m.number
