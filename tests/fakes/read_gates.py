"""Finished gates in a folder, and readers who say of every reply what they are told to."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import structs

from harness.domain.manifest import GateManifest
from harness.domain.response import Response
from harness.domain.run import ItemResult, Side
from harness.experiments.replay import decided
from harness.experiments.review_gate import Read
from harness.store.gate_folder import GateFolder
from reports.review.desk import Desk, Opinion

Gate = tuple[GateManifest, Mapping[str, tuple[ItemResult, ...]]]
CANDIDATE_SAYS, BASELINE_SAYS = "the candidate's words", "the baseline's words"


def by_side(side: Side, _item_id: str) -> str:
    """What a side says that gives itself away, so that a test can follow it."""
    return CANDIDATE_SAYS if side is Side.CANDIDATE else BASELINE_SAYS


def kept(results: Path, gate: Gate, said: Callable[[Side, str], str] = by_side) -> GateFolder:
    """Return the gate as a finished folder under `results`, its replies being what `said` gives."""
    manifest, by_run = gate
    with GateFolder.create(results, manifest) as folder:
        for run in manifest.runs:
            with folder.journal(run.id) as journal:
                journal.extend(_saying(result, said(run.side, result.item_id)) for result in by_run[run.id])
        folder.finish(decided(folder))
    return folder


def accepting(*texts: str, most: int = 10_000, note: str = "", seconds: float = 3.0) -> Read:
    """Return a reader who accepts the replies among `texts`, and stops after `most` of them."""

    def read(desk: Desk) -> bool:
        left = [card for card in desk.cards if card.id not in desk.opinions]
        for card in left[:most]:
            good = tuple(text in texts for _, text in card.replies)
            desk.mark(card.id, Opinion(choice=_CHOICES[good], note=note, seconds=seconds))
        return len(left) <= most

    return read


def _saying(result: ItemResult, text: str) -> ItemResult:
    if not isinstance(result.outcome, Response):
        return result
    return structs.replace(result, outcome=structs.replace(result.outcome, text=text))


_CHOICES = {
    (True, False): "only-a",
    (False, True): "only-b",
    (True, True): "both",
    (False, False): "neither",
    (True,): "accept",
    (False,): "reject",
}
