-- Records of modules, added up over the installations where they hold for the same months. `is_continued`: the module was known
-- there in the month before as well, with `records_before`.
, held AS (
    SELECT name, month_from, month_until, follows AND number_before IS NOT NULL AS is_continued,
           count(*) AS installations, sum(number)::DOUBLE AS records, sum(number_before)::DOUBLE AS records_before
    FROM carried
    WHERE number IS NOT NULL
    GROUP BY ALL
)
SELECT w.policy, w.metric, w.key, h.month_from, h.month_until, h.is_continued, h.installations, h.records,
       coalesce(h.records_before, 0) AS records_before
FROM held h
JOIN wanted w ON w.name = h.name
WHERE w.key IS NOT NULL
