"""Charts as SVG that follows the page's colours, drawn when the page is written.

Nothing runs in the reader's browser for it: a page with charts prints, reads without a
network or a script, and keeps a policy under which no script but its own may run.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from harness import UsageError

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH_PX = 560
_ROWS = "rows"
_TAG = re.compile(r"<[^<>]*>")
_NAMES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
"""What Vega tells screen readers of each mark: the page names the picture as a whole, and has a table."""
COLOURS = {
    "PASSED": "var(--passed)",
    "REGRESSED": "var(--regressed)",
    "INCONCLUSIVE": "var(--inconclusive)",
    "INVALID": "var(--invalid)",
    "baseline": "var(--baseline)",
    "candidate": "var(--candidate)",
    "anchor": "var(--anchor)",
}
"""Colours by what is drawn, as variables that the page sets for light, dark and print."""


def drawn(chart: Any, rows: Sequence[Mapping[str, object]]) -> "Markup":  # noqa: ANN401 - of many types
    """Return an Altair chart of `rows` as an SVG element; Vega's renderer escapes what is text in them.

    The rows stay outside the chart until it is a specification, because Altair checks every value of
    those that it is given.
    """
    import altair as alt
    from markupsafe import Markup
    from vl_convert import vegalite_to_svg

    # A layer that is given no data inherits the chart's only where the chart has some.
    specification = _dressed(chart.properties(data=alt.NamedData(name=_ROWS))).to_dict()
    specification |= {"datasets": {_ROWS: list(rows)}}
    svg = _TAG.sub(lambda tag: _NAMES.sub("", tag[0]), vegalite_to_svg(specification))
    return Markup(svg)  # noqa: S704 - written by Vega


def faceted(chart: Any, by: Any) -> Any:  # noqa: ANN401 - as above
    """Return a chart of its rows in two columns, one picture a value of the facet `by`."""
    import altair as alt

    return chart.facet(facet=by, columns=2, data=alt.NamedData(name=_ROWS))


def scale(names: list[str]) -> Any:  # noqa: ANN401 - as above
    """Return the colour scale of the given names, in their order."""
    import altair as alt

    return alt.Scale(domain=names, range=[COLOURS[name] for name in names])


def require_drawing() -> None:
    """Raise `UsageError` where what pages are drawn with is not installed."""
    missing = _missing()
    if missing:
        raise UsageError(
            f"{missing[0]} is not installed: run `pip install weighbridge[report]`, or leave the page out"
        )


def has_drawing() -> bool:
    """Return whether what pages are drawn with is installed."""
    return not _missing()


def _missing() -> list[str]:
    return [name for name in ("altair", "jinja2", "vl_convert") if find_spec(name) is None]


def _dressed(chart: Any) -> Any:  # noqa: ANN401 - as above
    ink, faint = "var(--ink)", "var(--line)"
    font = "system-ui, sans-serif"
    return (
        chart.configure(background="transparent", font=font, aria=False)
        .configure_view(stroke=faint)
        .configure_axis(
            labelColor=ink,
            titleColor=ink,
            gridColor=faint,
            domainColor=ink,
            tickColor=ink,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=260,
        )
        .configure_legend(labelColor=ink, titleColor=ink, labelFontSize=12, orient="top", title=None)
        .configure_header(labelColor=ink, titleColor=ink, labelFontSize=13)
        .configure_text(color=ink)
    )
