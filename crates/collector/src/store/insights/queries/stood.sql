-- What stood of the metrics that are asked for when installations were last heard from that have been silent since.
stood AS (
    SELECT s.installation, s.name, s.state, s.text, s.number
    FROM all_states s
    JOIN wanted ON wanted.name = s.name
    JOIN base ON base.installation = s.installation
    WHERE ($product::VARCHAR IS NULL AND s.is_whole OR s.application = $product)
      AND s.month_from <= $through AND s.month_until > $through
      AND base.last_end < $heard_since::TIMESTAMP
)
