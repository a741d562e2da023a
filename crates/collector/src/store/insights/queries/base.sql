-- The customers that a voucher names.
named AS (SELECT DISTINCT lower(trim(customer)) AS customer FROM vouched WHERE customer IS NOT NULL),
-- All installations, and who they are. One that reports under a policy that declares a voucher key (`$vouched`: their names) counts
-- where a voucher verifies it. A voucher that names a customer speaks for that one alone; no claim without it adds to a
-- customer that a voucher names, and no claim counts without a voucher where one is asked for.
claimed AS (
    SELECT i.installation, i.name, i.customer, i.customer_name, v.customer AS bound,
           v.installation IS NOT NULL OR NOT list_has_any(string_split(i.policies, ' '), string_split($vouched, ' '))
               AS counts,
           n.customer IS NOT NULL AS is_anothers
    FROM installations i
    LEFT JOIN vouched v ON v.installation = i.installation
    LEFT JOIN named n ON n.customer = lower(trim(i.customer))
),
who AS (
    SELECT installation, name, counts,
           CASE WHEN bound IS NOT NULL THEN CASE WHEN lower(trim(customer)) = lower(trim(bound)) THEN bound END
                WHEN counts AND NOT is_anothers THEN customer END AS customer,
           CASE WHEN bound IS NOT NULL THEN CASE WHEN lower(trim(customer)) = lower(trim(bound)) THEN customer_name END
                WHEN counts AND NOT is_anothers THEN customer_name END AS customer_name
    FROM claimed
),
-- The installations of the slice, each with what its newest report up to the slice's end says of itself.
everyone AS (
    SELECT h.installation, h.policy, h.version, h.period_end AS last_end, who.name, who.counts, who.customer,
           who.customer_name, coalesce(who.customer, '~' || who.name) AS customer_key
    FROM headers h
    JOIN who ON who.installation = h.installation
    WHERE h.month_from <= $through AND h.month_until > $through
      AND ($product::VARCHAR IS NULL AND h.is_whole OR h.application = $product)
      AND ($version::VARCHAR IS NULL OR h.version = $version)
      AND ($customer::VARCHAR IS NULL OR coalesce(who.customer, '~' || who.name) = $customer)
),
-- Those of them that count.
base AS (SELECT * FROM everyone WHERE counts OR $unverified::BOOLEAN)
