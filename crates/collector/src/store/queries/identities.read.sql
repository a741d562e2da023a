-- Of each installation: the newest word on its customer and on the customer's name, and the report that it stands in.
SELECT installation,
       string_agg(DISTINCT policy, ' ') AS policies,
       arg_max(customer, (period_end, seq)) AS customer,
       arg_max(epoch_us(period_end), (period_end, seq)) FILTER (WHERE customer IS NOT NULL) AS customer_end,
       arg_max(seq, (period_end, seq)) FILTER (WHERE customer IS NOT NULL) AS customer_seq,
       arg_max(customer_name, (period_end, seq)) AS customer_name,
       arg_max(epoch_us(period_end), (period_end, seq)) FILTER (WHERE customer_name IS NOT NULL) AS customer_name_end,
       arg_max(seq, (period_end, seq)) FILTER (WHERE customer_name IS NOT NULL) AS customer_name_seq
FROM reports
GROUP BY installation
