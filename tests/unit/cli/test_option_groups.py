"""Groups of options: a verb takes them as one, a command line gives them one by one."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.option_groups import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    wide: Annotated[int, typer.Option(min=1, help="How wide.")]
    high: Annotated[int, typer.Option("--tall", help="How high.")] = 2

    @property
    def area(self) -> int:
        return self.wide * self.high


@opened
def paint(
    name: Annotated[str, typer.Argument(help="Whose wall.")],
    *,
    size: Size,
    twice: Annotated[bool, typer.Option("--twice")] = False,
) -> None:
    """Paint a wall."""
    print(f"{name} {size.area} {twice}")


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        (["Ada's", "--wide", "3"], "Ada's 6 False\n"),
        (["Ada's", "--tall", "5", "--twice", "--wide", "3"], "Ada's 15 True\n"),
    ],
)
def test_options_of_a_group_reach_the_verb_as_one(given: list[str], printed: str) -> None:
    app = typer.Typer()
    app.command()(paint)
    done = CliRunner().invoke(app, given)
    assert (done.exit_code, done.output) == (0, printed)


@pytest.mark.parametrize("given", [["Ada's"], ["Ada's", "--wide", "0"]], ids=["missing", "out of range"])
def test_an_option_of_a_group_is_held_to_what_it_says(given: list[str]) -> None:
    app = typer.Typer()
    app.command()(paint)
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 2
    assert "--wide" in done.output


def test_a_verb_keeps_its_name_and_what_it_says_of_itself() -> None:
    assert (paint.__name__, paint.__doc__) == ("paint", "Paint a wall.")
