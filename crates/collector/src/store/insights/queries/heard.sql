-- Of each installation of the slice, the spells of months at whose end it had been heard from within the silence limit. The
-- last month ends now where it is still under way.
spells AS (
    SELECT h.installation, greatest(h.month_from, $from) AS month_from,
           CASE WHEN h.last_end >= $heard_since::TIMESTAMP THEN $through + 1 ELSE least(h.month_until, $through + 1) END
               AS month_until
    FROM heard h
    JOIN base ON base.installation = h.installation
    WHERE ($product::VARCHAR IS NULL AND h.is_whole OR h.application = $product)
      AND h.month_from <= $through
      AND (h.month_until > $from OR h.last_end >= $heard_since::TIMESTAMP)
)
