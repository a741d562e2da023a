-- What is held of a touched installation stands against what these reports say, and the newer of both stays.
CREATE OR REPLACE TEMP TABLE merged AS
WITH said AS (
    SELECT * FROM touched
    UNION ALL
    SELECT held.* FROM installations AS held JOIN touched ON touched.installation = held.installation
)
SELECT installation,
       any_value(name)                                                  AS name,
       arg_max(customer, (customer_end, customer_seq))                  AS customer,
       arg_max(customer_end, (customer_end, customer_seq))              AS customer_end,
       arg_max(customer_seq, (customer_end, customer_seq))              AS customer_seq,
       arg_max(customer_name, (customer_name_end, customer_name_seq))   AS customer_name,
       arg_max(customer_name_end, (customer_name_end, customer_name_seq)) AS customer_name_end,
       arg_max(customer_name_seq, (customer_name_end, customer_name_seq)) AS customer_name_seq
FROM said
GROUP BY installation;

DELETE FROM installations USING touched WHERE touched.installation = installations.installation;

INSERT INTO installations SELECT * FROM merged;
