import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from harness.domain.arm import Arm, ArmKind
from harness.domain.checkpoint import Checkpoint
from harness.domain.response import (
    ChoiceResponse,
    FailureKind,
    FinishReason,
    GenerationFailure,
    Outcome,
    Response,
    Timing,
)
from harness.domain.run import Candidate, ItemResult, RunKind, RunSpec, Side
from harness.domain.score import Score
from harness.domain.suite import Suite
from harness.errors import StoreError
from harness.store.codec import decode_result, encode_result
from harness.store.columns import recorded
from harness.store.gate_folder import GateFolder
from harness.store.journal import Journal, recover, replay
from harness.store.warehouse import ingest, query
from tests.fakes.manifests import a_manifest

text = st.text(st.characters(exclude_categories=["Cs"]))
any_text = st.text(st.characters())
seconds = st.floats(min_value=0, allow_infinity=False, allow_nan=False)
unit = st.floats(min_value=0, max_value=1)
count = st.integers(min_value=0, max_value=2**31 - 1)


def outcomes(words: st.SearchStrategy[str]) -> st.SearchStrategy[Outcome]:
    timing = st.builds(Timing, ttft_s=seconds, e2e_s=seconds, tpot_s=st.none() | seconds)
    return st.one_of(
        st.builds(
            Response,
            text=words,
            finish_reason=st.sampled_from(FinishReason),
            prompt_tokens=count,
            completion_tokens=count,
            timing=st.none() | timing,
        ),
        st.builds(
            ChoiceResponse,
            logprobs=st.lists(st.floats(allow_infinity=False, allow_nan=False)).map(tuple),
            tokens=st.lists(count).map(tuple),
        ),
        st.builds(GenerationFailure, kind=st.sampled_from(FailureKind), message=words),
    )


def item_results(words: st.SearchStrategy[str]) -> st.SearchStrategy[ItemResult]:
    score = st.builds(
        Score, value=unit, parts=st.dictionaries(words.filter(bool), unit, max_size=3), note=words
    )
    return st.builds(
        ItemResult,
        run_id=words,
        item_id=words,
        cluster=words,
        outcome=outcomes(words),
        scores=st.dictionaries(words, score, max_size=3),
        prompt_digest=words,
        example_ids=st.lists(words, max_size=3).map(tuple),
    )


@given(item_results(text))
def test_a_result_comes_back_exactly(result: ItemResult) -> None:
    assert decode_result(encode_result(result)) == result


@given(item_results(any_text))
def test_any_text_at_all_becomes_one_line_that_reads_back_the_same_for_ever(result: ItemResult) -> None:
    line = encode_result(result)
    assert line.count(b"\n") == 1
    assert encode_result(decode_result(line)) == line


@given(
    st.lists(item_results(text), min_size=1, max_size=5, unique_by=lambda result: result.item_id), st.data()
)
@settings(max_examples=60)
def test_a_kill_at_any_byte_keeps_exactly_the_whole_lines_before_it(
    results: list[ItemResult], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal-r.jsonl"
        content = b"".join(map(encode_result, results))
        kept = data.draw(st.integers(min_value=0, max_value=len(content)))
        path.write_bytes(content[:kept])
        whole = content[:kept].count(b"\n")
        assert list(replay(path)) == results[:whole]
        recover(path)
        with Journal(path) as journal:
            for result in results[whole:]:
                journal.append(result)
        assert path.read_bytes() == content


def gate_folder(results: Path) -> GateFolder:
    """Make an empty gate of one run, `r`."""
    checkpoint = Checkpoint(label="mine", digest="a" * 64, weights=Path("/models/mine"))
    run = RunSpec(
        id="r",
        pair="p",
        kind=RunKind.TASK,
        side=Side.CANDIDATE,
        candidate=Candidate(checkpoint=checkpoint, arm=Arm(kind=ArmKind.ZERO_SHOT)),
        subject="s",
        subject_digest="c" * 64,
        item_ids=("i",),
    )
    manifest = a_manifest(
        gate_id="g",
        suites=(Suite.TARGET_METRIC,),
        runs=(run,),
    )
    with GateFolder.create(results, manifest) as folder:
        return folder


def item_row(result: ItemResult) -> tuple[object, ...]:
    """The columns of item_results that say what came back."""
    name = (result.item_id, result.cluster, result.prompt_digest)
    match result.outcome:
        case Response() as reply:
            timing = reply.timing
            waited = (timing.ttft_s, timing.tpot_s, timing.e2e_s) if timing else (None,) * 3
            counts = (reply.prompt_tokens, reply.completion_tokens)
            return (*name, "response", None, None, reply.finish_reason.value, reply.text, *counts, *waited)
        case ChoiceResponse():
            return (*name, "choice", *(None,) * 9)
        case GenerationFailure() as failure:
            return (*name, "failure", failure.kind.value, failure.message, *(None,) * 7)


def score_rows(result: ItemResult) -> list[tuple[object, ...]]:
    return [
        (result.item_id, metric, part, value)
        for metric, score in result.scores.items()
        for part, value in [("", score.value), *score.parts.items()]
    ]


@given(st.lists(item_results(text), max_size=4, unique_by=lambda result: result.item_id))
@settings(max_examples=30)
def test_the_warehouse_holds_every_result_and_score_as_the_journal_does(results: list[ItemResult]) -> None:
    mine = [structs.replace(result, run_id="r") for result in results]
    with tempfile.TemporaryDirectory() as scratch:
        folder = gate_folder(Path(scratch))
        (folder.path / "journal-r.jsonl").write_bytes(b"".join(map(encode_result, mine)))
        database = Path(scratch) / "weighbridge.duckdb"
        ingest(database, folder)
        items = query(
            database,
            "SELECT item_id, cluster, prompt_digest, outcome, failure_kind, failure_message, finish_reason, "
            "text, prompt_tokens, completion_tokens, ttft_s, tpot_s, e2e_s FROM item_results",
        )
        scores = query(database, "SELECT item_id, metric, part, value FROM scores")
    assert sorted(items.rows, key=repr) == sorted(map(item_row, mine), key=repr)
    assert sorted(scores.rows, key=repr) == sorted(
        (row for result in mine for row in score_rows(result)), key=repr
    )


def said(count: Callable[[], int]) -> str:
    """The count, or why there is none."""
    try:
        return str(count())
    except StoreError as refusal:
        return str(refusal)


@given(st.data())
@settings(max_examples=150)
def test_the_warehouse_refuses_exactly_the_journals_that_a_verdict_refuses(data: st.DataObject) -> None:
    few = st.integers(min_value=0, max_value=9)  # one more digit leaves them storable
    stopped = st.just(FinishReason.STOP)
    reply = st.builds(Response, text=text, finish_reason=stopped, prompt_tokens=few, completion_tokens=few)
    run, item = st.sampled_from("rrrq"), st.sampled_from("abcdefgh")  # now and then a stranger or a double
    result = st.builds(structs.replace, item_results(text), outcome=reply, run_id=run, item_id=item)
    lines = [encode_result(result) for result in data.draw(st.lists(result, max_size=3))]
    content = b"".join(lines)
    between = st.integers(min_value=0, max_value=len(lines)).map(lambda end: len(b"".join(lines[:end])))
    start = data.draw(between | st.integers(min_value=0, max_value=len(content)))
    removed = data.draw(st.integers(min_value=0, max_value=3))
    inserted = data.draw(st.sampled_from([b"", b"\n", b"\xff", b'"', b"}", b"{}", b" ", b"1"]))
    with tempfile.TemporaryDirectory() as scratch:
        folder = gate_folder(Path(scratch))
        journal = folder.path / "journal-r.jsonl"
        journal.write_bytes(content[:start] + inserted + content[start + removed :])
        assert said(lambda: recorded(folder, folder.manifest.runs[0]).items) == said(
            lambda: len(folder.results("r"))
        )
