"""A gate's figures as one JSON document, for programs that would otherwise read the page."""

from dataclasses import asdict
from json import dumps

from harness import Side
from reports.gate.card import card
from reports.gate.chapters import task_words
from reports.gate.means import means, spent
from reports.gate.pairs import paired_runs, worst
from reports.gate.places import schema_places
from reports.gate.questions import questions
from reports.gate.record import GateRecord
from reports.gate.slices import slices
from reports.gate.waits import waits
from reports.plain_text import harmless

FORMAT_VERSION = 1
_WORST = 50
_LONGEST = 4_000
_QUANTILES = (50, 95, 99)


def document(record: GateRecord) -> str:
    """Return the figures as indented JSON that names its format version; what was not measured is null."""
    pairs = paired_runs(record)
    fields = {
        "format_version": FORMAT_VERSION,
        "gate_id": harmless(record.manifest.gate_id),
        "created_at": harmless(record.manifest.created_at),
        "status": record.status,
        "reason": harmless(record.sentence),
        "replayed": record.replayed,
        "recorded": record.recorded,
        "planned": record.planned,
        "notes": [harmless(note) for note in record.notes],
        "checkpoints": {
            str(side): harmless(record.checkpoint(side)) for side in Side if record.checkpoint(side)
        },
        "questions": [asdict(asked) for asked in questions(record)],
        "means": [asdict(mean) for mean in means(record)],
        "slices": [asdict(each) for each in slices(record)],
        "tokens": [asdict(each) for each in spent(record)],
        "schema_places": [asdict(place) for place in schema_places(record)],
        "waits": [
            {
                "subject": each.subject,
                "arm": each.arm,
                "side": each.side,
                "metric": each.metric,
                "n": len(each.seconds),
                **{f"p{percent}": each.quantile(percent) for percent in _QUANTILES},
            }
            for each in waits(record)
        ],
        "worst": [
            card(runs, item, task_words(record, runs), longest=_LONGEST) | {"change": item.change}
            for runs, item in worst(pairs, _WORST)
        ],
    }
    return dumps(fields, indent=2, allow_nan=False) + "\n"
