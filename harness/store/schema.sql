-- The tables of weighbridge.duckdb. The file is derived: `weighbridge results rebuild`
-- makes it anew from the gate folders, so a change here raises the version in warehouse.py
-- and needs no migration.
--
-- There are no primary keys: DuckDB checks them too early to delete and re-insert the same
-- row in one transaction, and the journals already refuse to hold an item twice.

CREATE TABLE schema_version (version INTEGER NOT NULL);

CREATE TABLE gates (
    gate_id VARCHAR NOT NULL,
    plan_digest VARCHAR NOT NULL,
    attempt INTEGER NOT NULL,
    created_at VARCHAR NOT NULL,          -- ISO 8601, UTC
    complete BOOLEAN NOT NULL,
    status VARCHAR,                       -- NULL until complete
    reason VARCHAR
);

CREATE TABLE gate_notes (                 -- what a reader must know besides: earlier looks, waivers
    gate_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,            -- from 1, in the order they were written
    note VARCHAR NOT NULL
);

CREATE TABLE runs (
    gate_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,              -- unique within its gate
    pair VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    side VARCHAR NOT NULL,                -- baseline, candidate or anchor
    checkpoint VARCHAR NOT NULL,          -- as the user typed it
    checkpoint_digest VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    subject_digest VARCHAR NOT NULL,
    items_planned INTEGER NOT NULL,
    items_recorded INTEGER NOT NULL
);

CREATE TABLE item_results (
    gate_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    cluster VARCHAR NOT NULL,
    side VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,             -- response, choice or failure
    failure_kind VARCHAR,
    failure_message VARCHAR,
    finish_reason VARCHAR,
    text VARCHAR,                         -- the reply as it came
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    ttft_s DOUBLE,
    tpot_s DOUBLE,
    e2e_s DOUBLE,
    prompt_digest VARCHAR NOT NULL
);

CREATE TABLE scores (
    gate_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    part VARCHAR NOT NULL,                -- '' for the score itself
    value DOUBLE NOT NULL                 -- in [0, 1]
);

CREATE TABLE verdicts (
    gate_id VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    against VARCHAR NOT NULL,             -- baseline or anchor: whom the candidate was compared with
    role VARCHAR NOT NULL,
    status VARCHAR NOT NULL,              -- as measured, waived or not
    reason VARCHAR NOT NULL,
    waived_until DATE,                    -- NULL, like the reason, where no waiver covers the answer
    waiver_reason VARCHAR,
    n INTEGER,                            -- this and below NULL when nothing could be measured
    planned_items INTEGER,                -- more than n when the question was answered early
    baseline DOUBLE,                      -- the mean of the side it stands against
    candidate DOUBLE,
    delta DOUBLE,
    lower DOUBLE,
    upper DOUBLE
);

CREATE TABLE tests (
    gate_id VARCHAR NOT NULL,
    suite VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    arm VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    against VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    hypothesis VARCHAR NOT NULL,
    rejected BOOLEAN NOT NULL,            -- at the gate's alpha
    p_value DOUBLE                        -- one-sided, NULL for a test that only gives a bound
);

CREATE TABLE metrics (                    -- the mean of every metric and part of every run
    gate_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    part VARCHAR NOT NULL,                -- '' for the score itself
    items INTEGER NOT NULL,
    sources INTEGER NOT NULL,
    mean DOUBLE NOT NULL,
    error DOUBLE                          -- heeds items of one source, NULL where all share one
);

CREATE TABLE usage (                      -- what the replies of every run took
    gate_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    items INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    ttft_s_p50 DOUBLE,                    -- this and below NULL where nothing was timed
    ttft_s_p95 DOUBLE,
    e2e_s_p50 DOUBLE,
    e2e_s_p95 DOUBLE,
    tpot_s_p50 DOUBLE
);

CREATE TABLE reads (                      -- what people said of replies, each reader's last word on each
    gate_id VARCHAR NOT NULL,
    reviewer VARCHAR NOT NULL,
    blind VARCHAR NOT NULL,               -- pairs, or single: the candidate's reply alone
    pair VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    candidate BOOLEAN NOT NULL,           -- accepted or not
    baseline BOOLEAN,                     -- NULL where it was not shown
    shown_first VARCHAR NOT NULL,         -- the side that was shown as A
    note VARCHAR NOT NULL,
    seconds DOUBLE NOT NULL,
    read_at VARCHAR NOT NULL              -- ISO 8601, UTC
);

CREATE TABLE judgements (                 -- what a judge said of both replies, asked in both orders
    gate_id VARCHAR NOT NULL,
    judge VARCHAR NOT NULL,
    pair VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    candidate DOUBLE NOT NULL,            -- 1 accepted, 0 not, 0.5 where the orders disagreed or it failed
    baseline DOUBLE NOT NULL,
    consistent BOOLEAN NOT NULL,          -- whether both orders said the same
    failure VARCHAR,                      -- NULL where both replies could be read
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL
);

-- The views below are what reports and people read; docs/results.md describes them, and their
-- columns stay: new ones are added at the end.

CREATE VIEW run_metrics AS
SELECT gate_id, run_id, created_at::TIMESTAMPTZ AS created_at, complete, kind, subject, subject_digest, arm,
    side, checkpoint, checkpoint_digest, metric, part, items, sources, mean, error,
    greatest(0, mean - 1.96 * error) AS lower, least(1, mean + 1.96 * error) AS upper
FROM metrics JOIN runs USING (gate_id, run_id) JOIN gates USING (gate_id);

CREATE VIEW item_scores AS                -- every score of every item; part is '' for the score itself
SELECT gate_id, run_id, created_at::TIMESTAMPTZ AS created_at, complete, kind, runs.subject, subject_digest,
    runs.arm, runs.side, checkpoint, checkpoint_digest, item_id, cluster, metric, part, value
FROM scores JOIN item_results USING (gate_id, run_id, item_id) JOIN runs USING (gate_id, run_id)
    JOIN gates USING (gate_id);

CREATE VIEW run_usage AS
SELECT gate_id, run_id, created_at::TIMESTAMPTZ AS created_at, complete, kind, subject, subject_digest, arm,
    side, checkpoint, checkpoint_digest, items, failures, prompt_tokens, completion_tokens,
    ttft_s_p50, ttft_s_p95, e2e_s_p50, e2e_s_p95, tpot_s_p50
FROM usage JOIN runs USING (gate_id, run_id) JOIN gates USING (gate_id);

CREATE VIEW flaky_items AS                -- one question, one checkpoint and arm, unlike scores
WITH series AS (
    SELECT gate_id, run_id, dense_rank() OVER (ORDER BY subject, subject_digest, arm, checkpoint_digest) AS series,
        count(*) OVER (PARTITION BY subject, subject_digest, arm, checkpoint_digest) AS times
    FROM runs WHERE items_recorded > 0
), named AS (
    SELECT DISTINCT ON (series) series, subject, subject_digest, arm, checkpoint, checkpoint_digest
    FROM series JOIN runs USING (gate_id, run_id)
), found AS (
    SELECT series, item_id, metric, count(*)::INTEGER AS runs, min(value) AS lowest, max(value) AS highest,
        avg(value) AS mean
    FROM scores JOIN series USING (gate_id, run_id)
    WHERE part = '' AND times > 1
    GROUP BY series, item_id, metric HAVING max(value) > min(value)
)
SELECT subject, subject_digest, arm, checkpoint, checkpoint_digest, item_id, metric, runs, lowest, highest, mean
FROM found JOIN named USING (series);

CREATE VIEW human_reads AS                -- every reading, beside what a judge said of the same replies
SELECT r.gate_id, r.reviewer, r.blind, r.pair, r.item_id, r.candidate, r.baseline, r.shown_first, r.note,
    r.seconds, r.read_at::TIMESTAMPTZ AS read_at, j.judge, j.candidate AS judged_candidate, j.baseline AS judged_baseline
FROM reads r LEFT JOIN judgements j USING (gate_id, pair, item_id);
