import re

import pytest

from harness.errors import UsageError
from reports import drawing
from reports.drawing import drawn, require_drawing

alt = pytest.importorskip("altair", reason="weighbridge[report] is not installed")
pytest.importorskip("vl_convert", reason="weighbridge[report] is not installed")

HOSTILE = '</svg><script>alert(1)</script> role="none" &amp;'


def test_hostile_names_are_text_in_a_chart() -> None:
    chart = alt.Chart().mark_point().encode(x="value:Q", y=alt.Y("name:N", axis=alt.Axis(labelLimit=0)))
    svg = str(drawn(chart, [{"name": HOSTILE, "value": 1.0}]))
    assert "<script" not in svg
    assert svg.count("</svg>") == 1
    assert "&lt;script&gt;" in svg
    assert not re.search(r"<[^<>]* aria-", svg)


def test_what_is_not_installed_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "find_spec", lambda name: None if name == "vl_convert" else name)
    with pytest.raises(
        UsageError, match=r"^vl_convert is not installed: run `pip install weighbridge\[report\]`"
    ):
        require_drawing()
