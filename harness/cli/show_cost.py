"""What `weighbridge cost --json` prints."""

import msgspec

from harness.domain.cost import CostReport


def as_json(report: CostReport) -> dict[str, object]:
    """Return a cost report as plain values."""
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(report))
    return plain
