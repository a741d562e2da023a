DELETE FROM installations WHERE installation IN (SELECT installation FROM touched);
DELETE FROM reports WHERE installation IN (SELECT installation FROM touched);
DELETE FROM facts WHERE installation IN (SELECT installation FROM touched);
DELETE FROM usage WHERE installation IN (SELECT installation FROM touched);
DELETE FROM flows WHERE installation IN (SELECT installation FROM touched);
DELETE FROM outcomes WHERE installation IN (SELECT installation FROM touched);
