-- The sample product's data, for both products. Series come from recursive queries, so that this file stays small.
-- Strings that must never leave are listed in CANARIES.txt.

-- Module tables.
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 18432)
INSERT INTO WKORDER SELECT n, 'WKORDER-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 9107)
INSERT INTO WKREQUEST SELECT n, 'WKREQUEST-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 214)
INSERT INTO WKPMTEMPLATE SELECT n, 'WKPMTEMPLATE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 12480)
INSERT INTO SWPIPE SELECT n, 'SWPIPE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 11902)
INSERT INTO SWMANHOLE SELECT n, 'SWMANHOLE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 6310)
INSERT INTO SWINSPECTION SELECT n, 'SWINSPECTION-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 4866)
INSERT INTO STMPIPE SELECT n, 'STMPIPE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 2931)
INSERT INTO WTHYDRANT SELECT n, 'WTHYDRANT-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 5517)
INSERT INTO WTVALVE SELECT n, 'WTVALVE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 16204)
INSERT INTO WTMETER SELECT n, 'WTMETER-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 7348)
INSERT INTO STSIGN SELECT n, 'STSIGN-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 1926)
INSERT INTO STPAVEMENT SELECT n, 'STPAVEMENT-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 187)
INSERT INTO FLVEHICLE SELECT n, 'FLVEHICLE-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
-- PKTREE stays empty: the module is installed and not used.
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 96)
INSERT INTO FCBUILDING SELECT n, 'FCBUILDING-' || n, CASE n % 4 WHEN 0 THEN 'Closed' WHEN 1 THEN NULL ELSE 'Active' END, 1996 + n % 20 FROM series;
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 143)
INSERT INTO USER_INFO SELECT n, 'user' || n, 'User Number ' || n, 'user' || n || '@happyville-canary.example' FROM series;

-- Options: set, unset (NULL), empty, and some that reveal what is inside of the site's network.
INSERT INTO WKOPTIONS VALUES (
    '1', '1', 'WO-', 18433, 'Medium', 'Open', 42.5, 1.5, 'dd/mm/yyyy', 90,
    '0', NULL, '', 'http://reports.canary-internal.example:8090/ReportServer',
    'D:\CanaryData\Attachments', NULL
);
INSERT INTO SWOPTIONS VALUES (
    'PACP 7.0', 'Structural', 'Inches', 2, '1', 'Vitrified Clay', 0.004, '', NULL,
    'served by gis-canary-07.canary-internal.example', '2015-11-21'
);
INSERT INTO WTOPTIONS VALUES (
    'Gallons', 'Monthly', 'NFPA 291', 365, 12.5, '1', 'Residential', 'Streets', 'c4n4ry9f2e7b41d8a6c3e5f70b1d2a94',
    'CANARYSQL01', 'canary.publicworks@happyville-canary.example'
);
INSERT INTO STOPTIONS VALUES ('PCI', 'MUTCD 2009', '0', 'Feet', 12, 5280, 'Asphalt', 'A;B;C', 'EPSG:4326');

-- System settings.
INSERT INTO SYSTEMSETTINGS VALUES
    ('Agency Time Zone', 'America/Chicago'),
    ('Allow Guest Access', 'False'),
    ('Allow Multiple Sessions', 'True'),
    ('Application Language', 'en-US'),
    ('Audit Retention', '365'),
    ('Auto Refresh Interval', '60'),
    ('Backup Folder', '\\canaryfiles\lucity$\documents'),
    ('Citizen Portal Enabled', 'True'),
    ('Cost Currency', 'USD'),
    ('Date Format', 'mm/dd/yyyy'),
    ('Default Map Scale', '1:2400'),
    ('Default Page Size', '25'),
    ('Document Root', '\\canaryfiles\lucity$\documents'),
    ('Email Notifications', 'True'),
    ('Email Sender', 'canary.publicworks@happyville-canary.example'),
    ('Failover Address', 'fd00:ca:4a::17'),
    ('Fiscal Year Start', 'July'),
    ('GIS Integration', 'Enabled'),
    ('GIS Note', 'tiles come from https://intranet.canary-internal.example/lucity since March'),
    ('Install Root', 'D:\CanaryData\Attachments'),
    ('LDAP Enabled', 'False'),
    ('License Code', 'LCY16-7K2QX-9M4TR-H3VWD-0417P'),
    ('Login Banner', ''),
    ('Map Projection', 'EPSG:3435'),
    ('Maximum Upload Size', '50'),
    ('Minimum Password Length', '8'),
    ('Mobile Sync Interval', '15'),
    ('Number Format', '#,##0.00'),
    ('Password Expiry Days', '90'),
    ('Report Host', 'CANARYSQL01'),
    ('Reporting Connection', 'Data Source=CANARYSQL01;Initial Catalog=LUCITY;User ID=lucity;Password=Canary-Pa55phrase'),
    ('Schema Version', '2016.1.4'),
    ('Session Timeout', '20'),
    ('SMTP Encrypted Password', 'kV9rTq2LmZx8WcYb4NfHs7JdPg5Ra3Ue=='),
    ('SMTP Port', '25'),
    ('SMTP Server', 'mail01.canary-internal.example'),
    ('SMTP Use TLS', 'True'),
    ('Support Contact', NULL),
    ('Telemetry Relay', '10.77.142.19'),
    ('Theme', 'Harbor'),
    ('Use Barcode Scanning', NULL),
    ('Web Server Name', 'CANARYSQL01'),
    ('Web Server URL', 'https://intranet.canary-internal.example/lucity'),
    ('Work Week', 'Mon-Fri');

-- Devices: each row is one; its owner's name is in no metric, so it is not read.
WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 57)
INSERT INTO MOBILE_DEVICES SELECT
    n,
    CASE n % 5 WHEN 0 THEN 'iPad Air 2' WHEN 1 THEN 'iPad mini 4' WHEN 2 THEN 'Galaxy Tab A' ELSE 'iPhone 6s' END,
    CASE n % 5 WHEN 2 THEN '6.0.1' ELSE CASE n % 2 WHEN 0 THEN '9.3.1' ELSE '9.2' END END,
    CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN '2015r2' ELSE '2016' END,
    'Owner Number ' || n
FROM series;
-- Somebody typed a machine's name where its model belongs.
INSERT INTO MOBILE_DEVICES VALUES
    (58, 'DESKTOP-CANARY7Q', '10.0.10586', '2016', 'Owner Number 58'),
    (59, 'DESKTOP-CANARY8R', '10.0.10586', '2016', 'Owner Number 59');
