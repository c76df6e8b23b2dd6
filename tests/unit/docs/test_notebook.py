"""The example notebook runs from its first cell to its last on what a gate left, and finds what is there."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[3] / "docs" / "results.ipynb"


def run(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Run code cells one after another, showing the last expression of each as a notebook does."""
    names: dict[str, Any] = {}
    for cell in cells:
        parsed = ast.parse("".join(cell["source"]), filename=cell["id"])
        last = parsed.body.pop() if isinstance(parsed.body[-1], ast.Expr) else None
        exec(compile(parsed, cell["id"], "exec"), names)  # noqa: S102 - our own document
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)  # noqa: S307 - as above
            names[f"shown of {cell['id']}"] = (repr(shown), shown and shown.fetchall())
    return names


def cells_of(kind: str) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == kind]


def test_the_notebook_holds_no_output_of_anyone() -> None:
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells_of("code"))


def test_every_cell_runs_and_finds_what_the_gates_left(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHBRIDGE_RESULTS", str(results))
    names = run(cells_of("code"))
    shown = {cell: names[f"shown of {cell}"] for cell in ("means", "pairs", "slices", "price")}
    assert all("tickets" in text or "refund" in text for text, _ in shown.values())
    lost = [row for row in shown["pairs"][1] if row[1] == "tickets"]
    assert lost
    assert all(baseline > candidate for *_, baseline, candidate in lost)
    asked = {(gate, tag): items for gate, tag, side, items, _ in shown["slices"][1] if side == "baseline"}
    assert sum(items for (_, tag), items in asked.items() if tag in ("normal", "high", "low", "urgent")) > 0
