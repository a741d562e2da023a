-- What one transaction brings: the installations touched.
CREATE OR REPLACE TEMP TABLE touched (
    installation      BIGINT,
    name              VARCHAR,
    customer          VARCHAR,
    customer_end      TIMESTAMP,
    customer_seq      BIGINT,
    customer_name     VARCHAR,
    customer_name_end TIMESTAMP,
    customer_name_seq BIGINT
);
