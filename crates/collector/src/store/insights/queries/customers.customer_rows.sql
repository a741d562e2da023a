SELECT customer_key AS key,
       any_value(customer) AS customer,
       max(customer_name) AS customer_name,
       min(name) AS installation,
       count(*) AS installations,
       count(*) FILTER (WHERE last_end < $heard_since::TIMESTAMP) AS silent,
       string_agg(DISTINCT version, chr(10) ORDER BY version) AS versions,
       epoch_us(max(last_end)) AS last_end
FROM base
WHERE $search::VARCHAR IS NULL
   OR contains(lower(coalesce(customer, '')), lower($search))
   OR contains(lower(coalesce(customer_name, '')), lower($search))
   OR contains(lower(name), lower($search))
GROUP BY customer_key
ORDER BY max(customer_name) IS NULL, lower(max(customer_name)), key
