-- The installations of the slice, each with what its newest report up to the slice's end says of itself.
base AS (
    SELECT h.installation, h.policy, h.version, h.period_end AS last_end
    FROM headers h
    JOIN installations i ON i.installation = h.installation
    WHERE h.month_from <= $through AND h.month_until > $through
      AND ($product::VARCHAR IS NULL AND h.is_whole OR h.application = $product)
      AND ($version::VARCHAR IS NULL OR h.version = $version)
      AND ($customer::VARCHAR IS NULL OR coalesce(i.customer, '~' || i.name) = $customer)
)
