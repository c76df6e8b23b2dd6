"""Who watches an experiment sees every cell end, as lines or as a table."""

import io

from rich.console import Console

from harness.domain.experiment import Cell, Hole, Measured, ScoredItem
from harness.domain.response import FinishReason, Response
from harness.domain.run import ItemResult
from reports.experiment_progress import ExperimentLines, ExperimentTable, shown_experiment

CELLS = (Cell(checkpoint="a"), Cell(checkpoint="b"), Cell(checkpoint="c"))
DONE = Measured(
    cell=CELLS[0],
    items=tuple(ScoredItem(item_id=n, cluster=n, target=t, schema=1.0) for n, t in (("x", 1.0), ("y", 0.5))),
    checkpoint="a",
    checkpoint_digest="d",
    gate="g",
    measured_on="2026-11-25",
)
HOLE = Hole(cell=CELLS[1], reason="the \x1b[31mserver ended")
RESULT = ItemResult(
    run_id="r",
    item_id="x",
    cluster="x",
    outcome=Response(text="", finish_reason=FinishReason.STOP, prompt_tokens=1, completion_tokens=1),
)


def drawn(table: ExperimentTable) -> str:
    sink = io.StringIO()
    Console(file=sink, width=100).print(table.table())
    return sink.getvalue()


def test_lines_tell_every_cell_that_ended() -> None:
    sink = io.StringIO()
    lines = ExperimentLines(sink)
    lines.expect(CELLS, ("checkpoint",))
    lines.settled(DONE)
    lines.settled(HOLE)
    lines.close()
    told = [line.partition("] ")[2] for line in sink.getvalue().splitlines()]
    assert told == [
        "3 cells, which differ in checkpoint",
        "cell 1 of 3, a: 0.750, 2 items",
        "cell 2 of 3, b: -, hole: the \\u001b[31mserver ended",
    ]


def test_steps_of_a_training_are_told_once_in_a_while() -> None:
    sink = io.StringIO()
    lines = ExperimentLines(sink)
    for step in range(1, 100):
        lines.say(f"training: step {step} of 99, loss {1 / step:.3f}")
    lines.say("epoch 1 is trained")
    told = [line.partition("] ")[2] for line in sink.getvalue().splitlines()]
    assert told == ["training: step 1 of 99, loss 1.000", "epoch 1 is trained"]


def test_a_table_has_a_row_a_cell_and_what_is_done_now() -> None:
    table = ExperimentTable()
    table.expect(CELLS, ("checkpoint",))
    try:
        table.settled(DONE)
        table.settled(HOLE)
        table.say("training: step 3 of 45")
        assert "training: step 3 of 45" in drawn(table)
        table.begin("items", total=9, done=2)
        table.advance(RESULT)
        table.spare(2)
        shown = drawn(table)
    finally:
        table.close()
    rows = [line.split() for line in shown.splitlines()]
    assert ["a", "0.750", "2", "items"] in rows
    assert ["c", "-", "waiting"] in rows
    assert "items, 3 of 7" in shown
    assert "\x1b" not in shown
    table.end()
    assert "of 7" not in drawn(table)


def test_a_log_gets_lines() -> None:
    assert isinstance(shown_experiment(), ExperimentLines)
