SELECT coalesce(i.customer, '~' || i.name) AS key,
       any_value(i.customer) AS customer,
       max(i.customer_name) AS customer_name,
       min(i.name) AS installation,
       count(*) AS installations,
       string_agg(DISTINCT base.version, chr(10) ORDER BY base.version) AS versions,
       epoch_us(max(base.last_end)) AS last_end
FROM base
JOIN installations i ON i.installation = base.installation
WHERE $search::VARCHAR IS NULL
   OR contains(lower(coalesce(i.customer, '')), lower($search))
   OR contains(lower(coalesce(i.customer_name, '')), lower($search))
   OR contains(lower(i.name), lower($search))
GROUP BY key
ORDER BY max(i.customer_name) IS NULL, lower(max(i.customer_name)), key
