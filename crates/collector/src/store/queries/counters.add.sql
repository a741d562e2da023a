INSERT INTO request_counts (code, count) VALUES ($1, $2)
ON CONFLICT (code) DO UPDATE SET count = request_counts.count + excluded.count
