"""What `weighbridge experiment` prints: its cells before, its table after."""

import sys

from harness.cli.show import print_json, show_rows
from harness.domain.experiment import ExperimentReport
from harness.experiments.matrix.record import Recorded, as_json
from harness.experiments.matrix.run import Experiment
from reports.experiment import coverage_sentence, sentence, table_of
from reports.plain_text import harmless


def show_cells(experiment: Experiment, *, json: bool) -> None:
    """Print the cells of an experiment that is only looked at."""
    matrix = experiment.matrix
    rows = [
        (cell.named(matrix.factors), "reference" if cell == matrix.reference else "") for cell in matrix.cells
    ]
    show_rows(("cell", "role"), rows, json=json)
    if not json:
        sys.stdout.write(
            f"\n{len(matrix.cells)} cells of up to {experiment.definition.items} items, "
            f"{experiment.trainings} trainings; nothing was begun\n"
        )


def show_experiment(report: ExperimentReport, recorded: Recorded, *, json: bool) -> None:
    """Print the table of cells, the differences, the holes, and where the page lies."""
    if json:
        print_json(as_json(report))
        return
    show_rows(*table_of(report), json=False)
    lines = [f"\n{report.question}", coverage_sentence(report)]
    if report.differences:
        lines.append("\nDifferences, whose intervals hold all together with 95 %:")
        lines += [f"  {sentence(each, report.factors)}" for each in report.differences]
    lines += [f"Hole: {hole.cell.named(report.factors)}: {hole.reason}" for hole in report.holes]
    lines.append(f"\nReport: {recorded.page}\nRecord: {recorded.document}")
    sys.stdout.write("".join(f"{harmless(line)}\n" for line in lines))
