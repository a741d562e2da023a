-- The columns: a projection of the journal. No primary keys, no indexes, no upserts: DuckDB's open crash-recovery bugs
-- lie there. A change here, or to `current_facts`, raises VERSION in `columns/mod.rs`, and the file is rebuilt from the journal.

CREATE TABLE schema_version (version INTEGER NOT NULL);

-- The high-water mark: one row, written in the same transaction as the rows that it speaks of.
CREATE TABLE projected (batch BIGINT NOT NULL, last_seq BIGINT NOT NULL);

-- The newest word of their reports on the customer and on the customer's name.
CREATE TABLE installations (
    installation  BIGINT  NOT NULL,
    name          VARCHAR NOT NULL,
    customer      VARCHAR,
    customer_name VARCHAR
);

-- `customer` and `customer_name`: what this report says.
CREATE TABLE reports (
    seq            BIGINT    NOT NULL,
    report_id      UUID      NOT NULL,
    installation   BIGINT    NOT NULL,
    policy         VARCHAR   NOT NULL,
    policy_version VARCHAR   NOT NULL,
    source         VARCHAR   NOT NULL,
    source_kind    VARCHAR   NOT NULL,
    application    VARCHAR   NOT NULL,
    version        VARCHAR   NOT NULL,
    period_start   TIMESTAMP NOT NULL,
    period_end     TIMESTAMP NOT NULL,
    received_at    TIMESTAMP NOT NULL,
    month          DATE      NOT NULL,
    address        VARCHAR,
    customer       VARCHAR,
    customer_name  VARCHAR
);

-- `state`: value | unset | in-use | hash | bucket | withheld (text `held`: it waits to be accepted; no text: it was refused) |
-- not-measured (text: the reason) | none (the report says that there is nothing: no table, no device; it replaces what was said
-- before and is no value itself). A 'not-measured' replaces no value: `queries/counting.sql` says which reports count,
-- `queries/standing.sql` what stands after one. Flags, numbers and settings have their text as well; counts have their number
-- alone. Devices: key = the columns' values joined by ' | ', number = how many, text = the row as JSON.
CREATE TABLE facts (
    seq          BIGINT    NOT NULL,
    installation BIGINT    NOT NULL,
    policy       VARCHAR   NOT NULL,
    metric       VARCHAR   NOT NULL,
    key          VARCHAR,
    state        VARCHAR   NOT NULL,
    text         VARCHAR,
    number       DOUBLE,
    period_end   TIMESTAMP NOT NULL,
    month        DATE      NOT NULL
);

CREATE TABLE usage (
    seq          BIGINT    NOT NULL,
    installation BIGINT    NOT NULL,
    policy       VARCHAR   NOT NULL,
    metric       VARCHAR   NOT NULL,
    dimensions   VARCHAR   NOT NULL,
    count        BIGINT    NOT NULL,
    errors       BIGINT    NOT NULL,
    durations    VARCHAR,
    period_start TIMESTAMP NOT NULL,
    period_end   TIMESTAMP NOT NULL,
    month        DATE      NOT NULL
);

CREATE TABLE flows (
    seq          BIGINT    NOT NULL,
    installation BIGINT    NOT NULL,
    policy       VARCHAR   NOT NULL,
    metric       VARCHAR   NOT NULL,
    dimensions   VARCHAR   NOT NULL,
    step         VARCHAR   NOT NULL,
    step_index   INTEGER   NOT NULL,
    reached      BIGINT    NOT NULL,
    failed       BIGINT    NOT NULL,
    period_start TIMESTAMP NOT NULL,
    period_end   TIMESTAMP NOT NULL,
    month        DATE      NOT NULL
);

CREATE TABLE outcomes (
    seq          BIGINT  NOT NULL,
    installation BIGINT  NOT NULL,
    policy       VARCHAR NOT NULL,
    metric       VARCHAR,
    kind         VARCHAR NOT NULL,
    count        BIGINT  NOT NULL,
    month        DATE    NOT NULL
);
