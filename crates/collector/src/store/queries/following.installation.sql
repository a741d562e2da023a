SELECT reports.seq,
       reports.batch,
       reports.report_id,
       reports.installation,
       installations.name AS installation_name,
       reports.policy,
       policies.id        AS policy_id,
       reports.received_at,
       reports.address,
       reports.accepted,
       reports.outcomes,
       reports.body_form,
       reports.body
FROM reports
JOIN installations ON installations.installation = reports.installation
JOIN policies      ON policies.policy = reports.policy
WHERE reports.installation = ?
  AND reports.seq <= ?
ORDER BY reports.seq
