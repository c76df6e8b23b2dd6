"""What `weighbridge embed` refuses before it loads a model; the training itself is an integration test."""

from pathlib import Path

import pytest

from tests.fakes.fixtures import RunProgram


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--out", "taken"), "taken holds something already: choose another folder with --out"),
        (("--dims", "64,many"), "'many' is no number of dimensions: write --dims 64,128,256,384"),
        (("--base", "nonsense"), "unknown embedder 'nonsense'"),
        (("--base", "minilm@64"), "minilm@64 is cut to 64 dimensions: name the base whole"),
        (("--task", "sums"), "unknown task 'sums'"),
        (("--pairs", "absent.jsonl"), "absent.jsonl could not be read"),
        (("--task", "tickets"), "no example of task tickets is near another by the share of equal input"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence_and_leaves_nothing(
    weighbridge: RunProgram, in_tmp: Path, options: tuple[str, ...], sentence: str
) -> None:
    (in_tmp / "taken").mkdir()
    (in_tmp / "taken" / "file").write_text("", encoding="utf-8")
    before = sorted(in_tmp.iterdir())
    done = weighbridge("embed", "--out", "made", *options)
    assert (done.status, done.out) == (2, "")
    assert done.complaint.startswith(f"weighbridge: {sentence}")
    assert [path for path in sorted(in_tmp.iterdir()) if path not in before and path.name != "cache"] == []
