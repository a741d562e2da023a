-- How each installation uses each module: its records at the slice's end, and when the window of active use began. Where they
-- were not known then, nobody can tell. A silent installation has the records that it said last.
earlier AS (
    SELECT s.installation, s.name, s.number
    FROM all_states s
    JOIN wanted ON wanted.name = s.name
    JOIN spells ON spells.installation = s.installation
               AND spells.month_from <= $through - $active_months AND spells.month_until > $through - $active_months
    WHERE ($product::VARCHAR IS NULL AND s.is_whole OR s.application = $product)
      AND s.month_from <= $through - $active_months AND s.month_until > $through - $active_months
      AND s.number IS NOT NULL
),
uses AS (
    SELECT s.installation, s.name, s.number AS records, e.number AS records_before,
           CASE WHEN s.number > e.number THEN 'active'
                WHEN s.number <= 0 THEN 'empty'
                WHEN e.number IS NULL THEN 'too-new'
                ELSE 'only-records' END AS use
    FROM standing s
    LEFT JOIN earlier e ON e.installation = s.installation AND e.name = s.name
    WHERE s.number IS NOT NULL
    UNION ALL
    SELECT installation, name, number, NULL, 'silent' FROM stood WHERE number IS NOT NULL
)
