-- What stands of the metrics that are asked for, from month to month, while the installation is heard from. `follows`: the row
-- began while it was.
carried AS (
    SELECT s.installation, s.name, s.state, s.text, s.number, s.number_before,
           s.month_from > spells.month_from AS follows,
           greatest(s.month_from, spells.month_from) AS month_from, least(s.month_until, spells.month_until) AS month_until
    FROM all_states s
    JOIN wanted ON wanted.name = s.name
    JOIN spells ON spells.installation = s.installation
               AND s.month_from < spells.month_until AND s.month_until > spells.month_from
    WHERE ($product::VARCHAR IS NULL AND s.is_whole OR s.application = $product)
)
