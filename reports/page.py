"""One self-contained page: its style, its script and its data are in the file, and nothing else may run."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from json import dumps

POLICY = (
    "default-src 'none'; script-src {script}; style-src {style}; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def write_page(template: str, values: Mapping[str, object], *, script: str = "") -> str:
    """Return the page that `template` makes of `values`, with the script of that name where one is given.

    Values are escaped; the page forbids every script and style but its own by their digests.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = data
    style, code = _part("page.css"), _part(script) if script else ""
    return environment.get_template(template).render(
        **values, style=_markup(style), script=_markup(code), policy=policy(style, code)
    )


def data(value: object) -> object:
    """Return a value as JSON that can stand inside a script element: no character there ends it."""
    safe = dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return _markup(safe)


def policy(style: str, script: str) -> str:
    """Return the content security policy under which a page's own style and script run, and no others."""
    return POLICY.format(script=_digest(script) if script else "'none'", style=_digest(style))


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _markup(text: str) -> object:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own files, and JSON without a bracket


def _part(name: str) -> str:
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")
