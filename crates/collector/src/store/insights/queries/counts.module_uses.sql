SELECT c.policy, c.metric, c.key, c.installation, i.name, coalesce(i.customer, '~' || i.name) AS customer_key, i.customer_name,
       max(c.number) FILTER (WHERE c.at_number = $through) AS now,
       max(c.number) FILTER (WHERE c.at_number = $through - $active_months) AS before,
       epoch_us(max(c.ended)) AS last
FROM carried c
JOIN installations i ON i.installation = c.installation
WHERE c.number IS NOT NULL
  AND ($key::VARCHAR IS NULL OR c.key = $key)
GROUP BY c.policy, c.metric, c.key, c.installation, i.name, i.customer, i.customer_name
HAVING now IS NOT NULL
ORDER BY c.policy, c.metric, c.key, i.name
