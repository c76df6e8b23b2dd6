"""A gate as one page that can be mailed: the verdict first, then the numbers, then every item."""

from collections.abc import Mapping, Sequence
from shlex import quote

from harness import Side
from reports.gate import charts
from reports.gate.card import Card, card
from reports.gate.chapters import Chapters, chapters, task_words
from reports.gate.means import means, spent
from reports.gate.pairs import PairedRuns, paired_runs, worst
from reports.gate.places import schema_places
from reports.gate.questions import questions
from reports.gate.record import GateRecord
from reports.gate.slices import slices
from reports.gate.waits import waits
from reports.page import write_page
from reports.plain_text import harmless
from reports.review.summary import summary_lines

_WORST = 5
_SHORT = 4_000


def gate_page(record: GateRecord) -> str:
    """Return the whole page; it asks the network for nothing."""
    pairs = paired_runs(record)
    found, costs, timed, places = means(record), spent(record), waits(record), schema_places(record)
    asked = questions(record)
    listed = chapters(record, pairs)
    return write_page(
        "gate.html.j2",
        {
            **_head(record),
            "questions": asked,
            "intervals": charts.interval_chart(asked, ratios=False),
            "ratios": charts.interval_chart(asked, ratios=True),
            "means": [mean for mean in found if not mean.part],
            "factorial": charts.factorial_chart(found),
            "spent": costs,
            "price": charts.price_chart(found, costs),
            "parts": [mean for mean in found if mean.part],
            "parts_chart": charts.parts_chart(found),
            "slices": slices(record),
            "places": places,
            "places_chart": charts.places_chart(places),
            "waits": timed,
            "waits_chart": charts.waits_chart(timed),
            "worst": _worst(record, pairs),
            "chapters": listed,
            "discordant": sum(1 for runs in pairs for item in runs.items if item.is_discordant),
            "subset": _subset(listed),
        },
        script="items.js",
    )


def _head(record: GateRecord) -> Mapping[str, object]:
    manifest = record.manifest
    return {
        "status": record.status,
        "sentence": harmless(record.sentence),
        "reading": list(summary_lines(record.reading)) if record.reading is not None else [],
        "notes": [harmless(note) for note in record.notes],
        "replayed": record.replayed,
        "gate_id": harmless(manifest.gate_id),
        "created_at": harmless(manifest.created_at),
        "checkpoints": {
            str(side): harmless(record.checkpoint(side)) for side in Side if record.checkpoint(side)
        },
        "facts": _facts(record),
        "command": f"weighbridge verify {quote(harmless(record.folder))}",
        "runs": [
            {
                "id": harmless(run.id),
                "checkpoint": harmless(run.candidate.checkpoint.label),
                "digest": run.candidate.checkpoint.digest,
                "subject_digest": run.subject_digest,
                "recorded": len(record.results.get(run.id, ())),
                "planned": len(run.item_ids),
            }
            for run in manifest.runs
        ],
    }


def _facts(record: GateRecord) -> Sequence[tuple[str, str]]:
    manifest, policy = record.manifest, record.manifest.policy
    own = {
        "plan digest": manifest.plan_digest,
        "attempt": str(manifest.attempt),
        "alpha (one-sided)": f"{policy.alpha:g}",
        "power": f"{policy.power:g}",
        "seed": str(policy.seed),
        "items asked of a task, at most": "all" if policy.items is None else str(policy.items),
        "sequential": "yes" if policy.sequential else "no",
    }
    return [(name, harmless(value)) for name, value in (own | dict(manifest.environment)).items()]


def _worst(record: GateRecord, pairs: tuple[PairedRuns, ...]) -> Sequence[Card]:
    return [
        card(runs, item, task_words(record, runs), longest=_SHORT) | {"change": item.change}
        for runs, item in worst(pairs, _WORST)
    ]


def _subset(listed: Chapters) -> Mapping[str, object]:
    return {"index": listed.index, "size": listed.size}
