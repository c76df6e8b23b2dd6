"""What `weighbridge parity` and `weighbridge export` print and end in; nothing is measured here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import Precision
from harness.experiments.export import Export
from tests.fakes.fixtures import RunProgram
from training.distance import Distance
from training.merge import MergeBase
from training.parity import Parity
from training.parity_weights import Placement

_PARITY = Parity(
    created_at="2026-11-25T09:00:00+00:00",
    adapter_digest="a" * 64,
    base_digest="b" * 64,
    template_digest="t" * 64,
    arms=("zero-shot", "rag-3"),
    conversations=50,
    precision=Precision.BFLOAT16,
    trained=Placement.BESIDE_4BIT,
    into=MergeBase.DEQUANTISED,
    best=MergeBase.DEQUANTISED,
    reply_tokens=5000,
    distances={
        Placement.BESIDE_4BIT: Distance(loss=0.5, kl=0.0, mean_delta=0.0, max_delta=0.0),
        Placement.MERGED_FULL: Distance(loss=0.75, kl=0.361, mean_delta=0.25, max_delta=4.0),
    },
)


@pytest.mark.parametrize(
    ("found", "status"), [(_PARITY, 0), (replace(_PARITY, findings=("served elsewhere",)), 1)]
)
def test_parity_ends_in_whether_it_holds(
    found: Parity, status: int, weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.experiments.parity.run_parity", lambda *_: found)
    done = weighbridge("parity", "--checkpoint", "x")
    assert done.status == status
    assert json.loads(weighbridge("parity", "--checkpoint", "x", "--json").out)["holds"] is (status == 0)


def test_parity_shows_every_placement_and_what_follows(
    weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(_PARITY, findings=("served on weights unlike those trained: \x1b[31m",))
    monkeypatch.setattr("harness.experiments.parity.run_parity", lambda *_: found)
    out = weighbridge("parity", "--checkpoint", "x").out
    rows = [line.split() for line in out.splitlines()]
    assert ["merged", "into", "full", "0.7500", "0.3610", "0.2500", "4.000"] in rows
    assert "5000 reply tokens of 50 conversations (zero-shot, rag-3)" in out
    assert "Merge into: the dequantised base.\n" in out
    assert "NOT AS TRAINED: served on weights unlike those trained: \\u001b[31m.\n" in out


def test_export_says_what_was_written_and_what_to_know(
    weighbridge: RunProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Export(
        out=Path("shipped"),
        into=MergeBase.DEQUANTISED,
        written_as="int8",
        size_bytes=3 << 20,
        warnings=("not measured",),
    )
    monkeypatch.setattr("harness.experiments.export.run_export", lambda *_: done)
    shown = weighbridge("export", "x", "shipped")
    assert shown.out == "shipped: int8, merged into the dequantised base, 3.0 MiB.\nNOTE: not measured.\n"
    assert json.loads(weighbridge("export", "x", "shipped", "--json").out)["into"] == "dequantised"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("parity", "--checkpoint", "nonsense"), "unknown checkpoint 'nonsense'"),
        (("parity", "--checkpoint", "http://h:1/v1#m"), "http://h:1/v1#m is no adapter"),
        (
            ("parity", "--checkpoint", "x", "--merge-into", "nf4"),
            "--merge-into is 'nf4': use as-trained, full",
        ),
        (("parity", "--checkpoint", "x", "--precision", "int4"), "--precision is 'int4': use float32"),
        (("parity", "--checkpoint", "x", "--arms", "rag"), "unknown arm 'rag'"),
        (("export", "nonsense", "out"), "unknown checkpoint 'nonsense'"),
        (("export", "http://h:1/v1#m", "out"), "http://h:1/v1#m is no adapter"),
        (("export", "x", "out", "--format", "awq"), "--format is 'awq': use safetensors, int8"),
        (("export", "x", "."), "exists already and is not empty: name a new folder"),
        (("export", "x", "policy.toml"), "exists already and is not empty: name a new folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    arguments: tuple[str, ...], sentence: str, weighbridge: RunProgram
) -> None:
    done = weighbridge(*arguments)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith("weighbridge: ")
    assert sentence in done.complaint
