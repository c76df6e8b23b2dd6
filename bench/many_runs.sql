-- A warehouse of a million item results: five hundred gates of two arms on two sides, 500 items a
-- run. The candidate of the first arm loses ten points half-way, and one reply in fifty flickers.

INSERT INTO gates BY NAME
SELECT 'gate-' || g AS gate_id, md5(g::VARCHAR) AS plan_digest, 1 AS attempt,
    strftime(TIMESTAMP '2025-01-01' + to_days(g::INTEGER), '%Y-%m-%dT%H:%M:%S+00:00') AS created_at,
    true AS complete, 'PASSED' AS status
FROM range(500) AS gates(g);

INSERT INTO runs BY NAME
SELECT 'gate-' || g AS gate_id, 'task.sums.' || arm || '.' || side AS run_id, 'task.sums.' || arm AS pair,
    'task' AS kind, side, side || CASE side WHEN 'baseline' THEN '' ELSE '-' || g END AS checkpoint,
    md5(side || CASE side WHEN 'baseline' THEN '' ELSE '-' || g END) AS checkpoint_digest, arm,
    'sums' AS subject, md5('sums') AS subject_digest, 500 AS items_planned, 500 AS items_recorded
FROM range(500) AS gates(g), (VALUES ('zero-shot'), ('rag-3')) AS arms(arm),
    (VALUES ('baseline'), ('candidate')) AS sides(side);

INSERT INTO item_results BY NAME
SELECT gate_id, run_id, 'item-' || i AS item_id, 'source-' || i // 5 AS cluster, side, subject, arm,
    CASE WHEN hash(gate_id, run_id, i) % 997 = 0 THEN 'failure' ELSE 'response' END AS outcome,
    'stop' AS finish_reason, 'reply ' || i AS text, 180 AS prompt_tokens,
    40 + (hash(gate_id, i) % 40)::INTEGER AS completion_tokens, md5(i::VARCHAR) AS prompt_digest
FROM runs, range(500) AS items(i);

INSERT INTO scores BY NAME
SELECT gate_id, run_id, item_id, metric, '' AS part,
    CASE
        WHEN hash(gate_id, run_id, item_id) % 50 = 0 THEN (hash(run_id, gate_id, item_id) % 2)
        WHEN side = 'candidate' AND arm = 'zero-shot' AND split_part(gate_id, '-', 2)::INTEGER >= 250
            THEN (hash(item_id, metric) % 100 < 60)::INTEGER
        ELSE (hash(item_id, metric) % 100 < 70)::INTEGER
    END AS value
FROM item_results, (VALUES ('target'), ('schema')) AS metrics(metric);

INSERT INTO metrics BY NAME
WITH by_source AS (
    SELECT gate_id, run_id, metric, part, cluster, sum(value) AS total, count(*) AS items
    FROM scores JOIN item_results USING (gate_id, run_id, item_id) GROUP BY ALL
), by_run AS (
    SELECT gate_id, run_id, metric, part, sum(total) / sum(items) AS mean, sum(items) AS items,
        count(*) AS sources, sum(total * total) AS squares, sum(total * items) AS products,
        sum(items * items) AS weights
    FROM by_source GROUP BY ALL
)
SELECT gate_id, run_id, metric, part, items, sources, mean,
    sqrt(sources / (sources - 1) * (squares - 2 * mean * products + mean * mean * weights)) / items AS error
FROM by_run;

INSERT INTO usage BY NAME
SELECT gate_id, run_id, count(*) AS items, count(*) FILTER (outcome = 'failure') AS failures,
    sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens
FROM item_results GROUP BY ALL;
