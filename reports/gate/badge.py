"""A gate's answer as a badge, and as the JSON that badge services read."""

from json import dumps

from harness import UsageError
from reports.gate.record import GateRecord

_COLOURS = {
    "PASSED": "#0f6b39",
    "REGRESSED": "#b3261e",
    "INCONCLUSIVE": "#7d5200",
    "INVALID": "#6f3fa0",
}
_OTHER = "#45494f"
_LABEL = "weighbridge"


def badge_svg(record: GateRecord) -> str:
    """Return the answer as an SVG badge; raise `UsageError` where it cannot be drawn."""
    try:
        from anybadge import Badge
    except ImportError as error:
        raise UsageError(
            "anybadge is not installed: run `pip install weighbridge[report]`, or name a .json file"
        ) from error
    value = record.status.lower()
    drawn = Badge(label=_LABEL, value=value, default_color=_COLOURS.get(record.status, _OTHER))
    return str(drawn.badge_svg_text)


def badge_json(record: GateRecord) -> str:
    """Return the answer as the endpoint of shields.io reads it.

    https://shields.io/badges/endpoint-badge
    """
    return dumps(
        {
            "schemaVersion": 1,
            "label": _LABEL,
            "message": record.status.lower(),
            "color": _COLOURS.get(record.status, _OTHER),
        }
    )
