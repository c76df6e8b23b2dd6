"""Charts as SVG that follows the page's colours, drawn when the page is written.

Nothing runs in the reader's browser for it: a page with charts prints, reads without a
network or a script, and keeps a policy under which no script but its own may run.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from harness import UsageError

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH_PX = 560
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


def drawn(chart: Any) -> "Markup":  # noqa: ANN401 - Altair's charts are of many types
    """Return an Altair chart as an SVG element; text from outside is escaped by Vega's own renderer."""
    from markupsafe import Markup
    from vl_convert import vegalite_to_svg

    return Markup(vegalite_to_svg(_dressed(chart).to_dict()))  # noqa: S704 - written by Vega


def scale(names: list[str]) -> Any:  # noqa: ANN401 - as above
    """Return the colour scale of the given names, in their order."""
    import altair as alt

    return alt.Scale(domain=names, range=[COLOURS[name] for name in names])


def require_drawing() -> None:
    """Raise `UsageError` where what pages are drawn with is not installed."""
    missing = [name for name in ("altair", "jinja2", "vl_convert") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"{missing[0]} is not installed: run `pip install weighbridge[report]`, or leave --html out"
        )


def _dressed(chart: Any) -> Any:  # noqa: ANN401 - as above
    ink, faint = "var(--ink)", "var(--line)"
    font = "system-ui, sans-serif"
    return (
        chart.configure(background="transparent", font=font)
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
