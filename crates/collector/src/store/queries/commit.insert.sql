INSERT INTO reports (seq, report_id, batch, installation, policy, period_end, received_at, received_digest, stored_digest,
                     accepted, outcomes, address, body_form, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (report_id) DO NOTHING
