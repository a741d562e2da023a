SELECT s.rowid, s.installation, s.application, s.is_whole, s.name, s.state, s.text, s.number, s.number_before, s.month_from,
       s.month_until
FROM current_states s
WHERE s.installation IN (SELECT installation FROM touched)
