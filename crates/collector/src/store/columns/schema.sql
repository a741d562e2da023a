-- The columns: a projection of the journal. No primary keys, no indexes, no upserts: DuckDB's open crash-recovery bugs
-- lie there. A change here, or to what `store/states` computes, raises VERSION in `columns/mod.rs`, and the file is rebuilt from
-- the journal.

CREATE TABLE schema_version (version INTEGER NOT NULL);

-- The high-water mark: one row, written in the same transaction as the rows that it speaks of. `states_seq`: the last report
-- whose states are here; while the columns are built anew, states come last. `revision`: up to which the journal's erasures
-- and rewritings have been followed. `standing`: up to which its vouchers have.
CREATE TABLE projected (
    batch      BIGINT NOT NULL,
    last_seq   BIGINT NOT NULL,
    states_seq BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    standing   BIGINT NOT NULL
);

-- The newest word of their reports on the customer and on the customer's name, and all policies that they have reported under,
-- with a blank between them.
CREATE TABLE installations (
    installation  BIGINT  NOT NULL,
    name          VARCHAR NOT NULL,
    customer      VARCHAR,
    customer_name VARCHAR,
    policies      VARCHAR NOT NULL
);

-- Installations that a voucher verifies, and the customer that it names.
CREATE TABLE vouched (
    installation BIGINT NOT NULL,
    customer     VARCHAR
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
-- before and is no value itself). A 'not-measured' replaces no value: `states/standing.rs` says what stands after a report.
-- Flags, numbers and settings have their text as well; counts have their number alone. Devices: key = the columns' values joined
-- by ' | ', number = how many, text = the row as JSON.
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

-- What states are of: a metric, or a key of it.
CREATE TABLE names (
    name   INTEGER NOT NULL,
    policy VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    key    VARCHAR
);

-- What stands at the end of each month from `month_from` up to, and not including, `month_until` (2147483647: it still holds).
-- Months are counted as 12 times the year, and 0 for January. `application`: it rests on this application's reports alone; none:
-- on those of several. `is_whole`: these are all of the installation's reports that speak of the metric, so that a
-- row counts where no application is asked for (`is_whole`), or where its own is. `number_before`: the key's number at the end of
-- the month before `month_from`. `current_states` has what holds after the newest report on a metric, and what ended in that
-- report's month; `states` has all that ended earlier. Rows are added and removed, never changed.
CREATE TABLE states (
    installation  BIGINT  NOT NULL,
    application   VARCHAR,
    is_whole      BOOLEAN NOT NULL,
    name          INTEGER NOT NULL,
    state         VARCHAR NOT NULL,
    text          VARCHAR,
    number        DOUBLE,
    number_before DOUBLE,
    month_from    INTEGER NOT NULL,
    month_until   INTEGER NOT NULL
);

CREATE TABLE current_states (
    installation  BIGINT  NOT NULL,
    application   VARCHAR,
    is_whole      BOOLEAN NOT NULL,
    name          INTEGER NOT NULL,
    state         VARCHAR NOT NULL,
    text          VARCHAR,
    number        DOUBLE,
    number_before DOUBLE,
    month_from    INTEGER NOT NULL,
    month_until   INTEGER NOT NULL
);

CREATE VIEW all_states AS SELECT * FROM states UNION ALL SELECT * FROM current_states;

-- Of each installation, what its newest report up to a month's end says of itself, from one month with a report until the next.
CREATE TABLE headers (
    installation BIGINT    NOT NULL,
    application  VARCHAR,
    is_whole     BOOLEAN   NOT NULL,
    policy       VARCHAR   NOT NULL,
    version      VARCHAR   NOT NULL,
    period_end   TIMESTAMP NOT NULL,
    seq          BIGINT    NOT NULL,
    month_from   INTEGER   NOT NULL,
    month_until  INTEGER   NOT NULL
);

-- The months at whose end an installation had been heard from within the silence limit. `last_end`: the end of the last report's
-- period, since the month under way ends now.
CREATE TABLE heard (
    installation BIGINT    NOT NULL,
    application  VARCHAR,
    is_whole     BOOLEAN   NOT NULL,
    month_from   INTEGER   NOT NULL,
    month_until  INTEGER   NOT NULL,
    last_end     TIMESTAMP NOT NULL
);
