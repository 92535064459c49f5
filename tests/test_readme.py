"""What the README shows is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text()


def test_the_example_prints_what_it_says():
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    said = re.findall(r"^# (.*)$", code, re.M)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    assert out.getvalue().splitlines() == said


def results_row(begins: str, after: str) -> list[str]:
    """The first row that begins so after a line of docs/results.md, its cells but for the first."""
    rest = (ROOT / "docs" / "results.md").read_text().split(after, 1)[1]
    line = next(line for line in rest.splitlines() if line.startswith(f"| {begins}"))
    return [cell.strip(" *") for cell in line.split("|")[2:-1]]


def test_what_a_limit_is_worth_is_what_the_results_have():
    (said,) = re.findall(r"What a limit is worth.*?\n\n", TEXT, re.S)
    heading = "## Runs under bounds against a grid of weights: the shop's default run"
    regret = results_row("regret, validation rows", heading)  # at 1 % and at 5 %
    tight, loose = (100 * float(cell.split("(")[0].strip(" *")) for cell in regret[:2])
    assert f"may lose 5 % is\n{loose:.1f} % of the range behind" in said
    assert f"({tight:.1f} % where it may lose 1 %)" in said
    assert results_row("compute, of the grid's", heading)[:2] == ["1/20", "1/20"]
    assert "1/20 of their compute" in said
    assert results_row("bounds kept on validation rows", heading)[:2] == ["100 %", "100 %"]
    tight, loose = (cell.split(" of")[0] for cell in results_row("… within the tolerance", heading)[:2])
    assert f"in {loose} of the seeds ({tight} at 1 %)" in said
