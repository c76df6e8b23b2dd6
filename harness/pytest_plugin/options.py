"""The options that `pytest suites/` takes."""

import pytest


def add_options(parser: pytest.Parser) -> None:
    """Add the group of options to pytest's own."""
    group = parser.getgroup("weighbridge", "weighing a checkpoint against a baseline")
    add = group.addoption
    add(
        "--checkpoint",
        help="what is weighed: smollm2-135m, a folder, BASE+ADAPTER, a hub id, http://host:8000/v1#name",
    )
    add("--baseline", help="what it is compared with, given in the same ways")
    add(
        "--arms",
        default="zero-shot",
        help="arms, by commas: zero-shot, fewshot-K, rag-K, context-K",
    )
    add("--baseline-arm", default=None, help="one arm for the baseline; without it both sides have the same")
    add("--anchor", default=None, help="frozen release to compare with too; overrides the policy file")
    add("--tasks", default="fractions,tickets", help="tasks by name or folder, separated by commas")
    add("--items", type=int, default=None, help="most items asked of a task; overrides the policy file")
    add(
        "--allow-underpowered",
        action="store_true",
        help="measure what is too small to pass; it then cannot pass",
    )
    add("--contamination", default=None, help="items that were trained on: refuse or exclude")
    add(
        "--allow-mismatch",
        action="store_true",
        help="ask a checkpoint unlike it was trained; the verdict says so",
    )
    add(
        "--merge-into",
        default="as-trained",
        help="base that adapters are merged into: as-trained, full or dequantised",
    )
    add(
        "--certificate",
        default=None,
        help="folder that tells how a --checkpoint behind an endpoint was trained",
    )
    add("--policy", default=None, help="TOML file with margins and hypotheses")
    add("--embedder", default="minilm", help="who retrieves for rag-K: minilm, FOLDER or FOLDER@DIMS")
    add("--results", default="results", help="folder for journals, verdicts and the DuckDB file")
    add("--max-model-len", type=int, default=8192, help="longest prompt and reply together, in tokens")
