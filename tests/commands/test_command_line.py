"""The command line as a whole: every documented line and every flag there has been, and what becomes of a bad line."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.commands.options import Command, config_flag
from core.commands.root import ROOT
from core.settings.run import RunConfig

DOCUMENTS = Path(__file__).resolve().parents[2]
FLAGS = {  # what 0.1 took; a line that worked works on
    "train": "config dataset device method model out priority quiet seed set threads tolerance",
    "sweep": "dataset methods no-sharing priority quiet ray resume seeds set stop-dominated tolerance warm weight "
    "workers",
    "compare": "datasets methods quiet seeds set threads",
    "price": "beside change",
    "methods": "markdown",
    "data list": "",
    "data check": "labels name time",
    "data prepare": "labels name time",
    "data make-shop": "",
    "users train": "config dataset device events method model out priority quiet seed set threads tolerance",
    "users transfer": "arms config dataset device method model out priority quiet seed set target threads tolerance",
    "users update": "dataset day half-life learning-rate model out replay seed steps threads",
    "users study": "config dataset device file method model only out priority quiet seed seeds set show threads "
    "tolerance",
    "users embed": "dataset events model ship similarity",
    "users neighbours": "count dataset events model similarity user",
    "users judge": "by dataset events horizon model similarity",
    "relevance train": "dataset dense out pairs run seed set start threads",
    "relevance evaluate": "dataset model pairs split",
    "relevance index": "add beside dataset keep language model out products remove ship",
    "relevance collection": "column measure model name remove run take",
    "relevance search": "index most overrides",
    "relevance explain": "against index overrides product",
    "relevance override": "forbid index language queries scale scope set target who why word",
    "bench step": "batch rounds rows steps threads",
    "bench methods": "batch rounds rows steps threads",
    "bench live": "browsers rounds seconds",
    "bench probe": "batch quick rounds seeds threads",
    "bench price": "change dataset seeds set task",
    "bench relevance": "dims engines model products queries",
    "bench users": "device embed rounds serve sizes",
    "bench gpu": "device quick threads",
}


def leaves(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            assert command is not None
            yield " ".join((*path, name)), command


COMMANDS = dict(leaves())


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are read to the end, and no command does anything."""
    monkeypatch.setattr(Command, "invoke", lambda self, context: {})


def documented() -> list[str]:
    """Lines of README's block as they stand; in prose what is optional is taken, what goes on is left out."""
    files = [DOCUMENTS / "README.md", *sorted((DOCUMENTS / "docs").rglob("*.md"))]
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        found += re.findall(r"^(?:\w+=\S+ )*(?:python -m core|precedence) ([a-z].*)$", text, re.M)
        found += re.findall(r"`(?:python -m core|precedence) ([a-z][^`]*)`", text)
    clean = [re.sub(r"[\[\]]| …", " ", re.sub(r"\s+#.*", "", line)).replace(" S ", " 0 ") for line in found]
    return sorted({" ".join(line.split()) for line in clean})


@pytest.mark.parametrize("line", documented())
def test_every_documented_line_can_be_read(line: str, nothing_runs: None, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line)
    status = main(words)
    told = capsys.readouterr().err
    if len(words) <= 2 and status:  # a command that prose names, without its arguments
        assert told.startswith(("Missing", "Usage:"))
    else:
        assert status == 0, told


def test_there_are_lines_to_read() -> None:
    assert len([line for line in documented() if "--json" in line]) > 25


@pytest.mark.parametrize("name", FLAGS)
def test_every_flag_that_there_was_is_there(name: str) -> None:
    there = {text for option in COMMANDS[name].params for text in option.opts}
    assert {f"--{flag}" for flag in FLAGS[name].split()} | {"--json"} <= there


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_and_each_flag_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = COMMANDS[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.opts
    assert main([*name.split(), "--help"]) == 0
    assert command.get_short_help_str(30).split()[0] in capsys.readouterr().out


def test_the_object_is_asked_for_at_either_place(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (["data", "--json", "list"], ["data", "list", "--json"], ["--json", "data", "list"]):
        assert main(line) == 0
        (answer,) = capsys.readouterr().out.splitlines()
        assert json.loads(answer)["datasets"]
    assert main(["data", "list"]) == 0
    assert capsys.readouterr().out.startswith("shop: ")


def test_folders_that_check_a_price_stand_behind_one_flag(nothing_runs: None) -> None:
    """As `--beside A B C`, and as more arguments."""
    command = COMMANDS["price"]
    context = command.make_context("price", ["RUN", "--beside", "a", "b", "c"])
    assert [str(path) for path in (*context.params["beside"], *context.params["more"])] == ["a", "b", "c"]


BAD = [
    ("trian", "No such command 'trian'. Did you mean 'train'?"),
    ("users embedd", "No such command 'embedd'. Did you mean 'embed'?"),
    ("train --sed 1", "No such option '--sed'. (Did you mean one of: '--method', '--seed'"),
    ("train --seed", "'--seed' requires an argument"),
    ("train --seed x", "'--seed x' cannot be used"),
    ("train --seed -1", "'--seed -1' cannot be used"),
    ("train --threads 0", "0 is not in the range"),
    ("train --config nowhere.json", "nowhere.json cannot be read"),
    ("train --set batch_size", "has no '='"),
    ("train --method magic", "'--method magic' cannot be used: choose one of"),
    ("train --set colour=red", "'--set colour=red' cannot be used: there is no such field"),
    ("train --tolerance 0.01,x", "'--tolerance 0.01,x' gives 2 values and no --priority says of which tasks"),
    ("train extra", "unexpected extra argument"),
    ("sweep --workers 65", "65 is not in the range"),
    ("sweep --seeds 1.5", "'1.5' is no list of numbers"),
    ("bench front --tolerances 0.1,-0.1", "-0.1 in '0.1,-0.1' is no finite number of at least 0"),
    ("bench price --tolerance inf", "inf in 'inf' is no finite number of at least 0"),
    ("bench price --change nan", "nan in 'nan' is no finite number; write e.g. -0.5,0.5"),
    ("bench ranker --set priority=relevance", "'relevance' alone has no task below it"),
    ("bench price --dataset shop --set priority=relevance", "'relevance' alone has no task below it"),
    ("compare --seeds 0", "at least 1"),
    ("price", "Missing argument 'RUN'"),
    ("price --ask relevance", "has no '='"),
    ("price --ask relevance=much", "names no number"),
    ("price --ask size=1", "There is no task 'size'"),
    ("price --ask relevance=0.01 --unit rmse", "'rmse' is no unit for Relevance"),
    ("price --ask relevance=-1", "is no amount that Relevance may lose"),
    ("price --ask relevance=0.01 --gain relevance", "cannot gain from its own loss"),
    ("data check", "Missing argument 'SOURCE'"),
    ("data check nowhere.csv", "nowhere.csv"),
    ("users neighbours", "Missing option '--user'"),
    ("users embed --model magic", "There is no model 'magic' of users"),
    ("users update --day yesterday", "'--day yesterday' is no day"),
    ("relevance search", "Missing argument 'QUERY'"),
    ("relevance search sofa --most 0", "0 is not in the range"),
    ("relevance index", "give one with --out"),
    ("relevance override ad", "'ad' is not one of"),
    ("relevance collection", "only one of them"),
    ("bench stepp", "Did you mean 'step'?"),
    ("bench step --rounds 0", "0 is not in the range"),
    ("run --port 0", "0 is not in the range"),
    ("--nonsense", "No such option '--nonsense'"),
]


@pytest.mark.parametrize(("line", "says"), BAD)
def test_a_bad_line_ends_with_one_sentence(
    line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRECEDENCE_HOME", str(tmp_path))
    assert main(shlex.split(line)) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert len(told.err.splitlines()) == 1


WORDS = st.sampled_from(
    [*sorted({word for name in COMMANDS for word in name.split()}),
     *sorted({f"--{flag}" for line in FLAGS.values() for flag in line.split()}),
     "--json", "-x", "--", "-", "", "0", "-1", "1e9", "nan", "a=b", "=", "x,y", ",", "ü", "--seed=", "--no-such=1"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_no_line_ends_in_a_traceback(nothing_runs: None, capsys: pytest.CaptureFixture[str], line: list[str]) -> None:
    status = main(line)
    told = capsys.readouterr().err
    assert status in (0, 2)
    if status == 2:
        assert len(told.splitlines()) == 1 or told.startswith("Usage:")


def test_without_a_word_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Train one run" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["methods", "--help", "users --help", "bench --help", "train --help"])
def test_cheap_lines_stay_cheap(line: str) -> None:
    code = (
        f"import sys; from core.__main__ import main; main({line.split()!r});"
        "print({'torch', 'streamlit', 'scipy', 'sklearn', 'numba', 'faiss'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_a_flag_says_what_its_field_says() -> None:
    rate = config_flag("--rate", RunConfig, "optimiser.learning_rate")
    kind = config_flag("--kind", RunConfig, "model.kind")

    @click.command()
    @rate
    @kind
    def command(rate: str, kind: str) -> None: ...

    told = {option.name: option.help or "" for option in command.params if isinstance(option, click.Option)}
    assert "> 0 and ≤ 10" in told["rate"]
    for name in ("shared_bottom", "mmoe", "ple", "dupn", "deepbow"):
        assert name in told["kind"]
    field = RunConfig.model_fields["optimiser"].annotation.model_fields["learning_rate"]  # type: ignore[union-attr]
    assert (field.description or "").rstrip(".") in told["rate"]


def test_flags_of_a_run_and_of_a_reader_stand_together(tmp_path, capsys):
    """`users train` has both: its own refusal is reached, whatever order they are taken in."""
    assert main(["users", "train", "--events", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err
