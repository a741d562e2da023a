-- The installations of the slice, each with the version that it has at the slice's end.
base AS (
    SELECT r.installation,
           arg_max(r.version, (r.period_end, r.seq)) AS version,
           max(r.period_end) AS last_end
    FROM reports r
    JOIN installations i ON i.installation = r.installation
    WHERE year(r.month) * 12 + month(r.month) - 1 <= $through
      AND ($product::VARCHAR IS NULL OR r.application = $product)
      AND ($customer::VARCHAR IS NULL OR coalesce(i.customer, '~' || i.name) = $customer)
    GROUP BY r.installation
    HAVING $version::VARCHAR IS NULL OR arg_max(r.version, (r.period_end, r.seq)) = $version
)
