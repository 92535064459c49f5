"""python -m core predict RUN FILE, export RUN: a finished run's model, put to use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.commands.options import FILE, Command, reader_flags, show, threads
from core.data.reading.options import ReaderOptions


@click.command(cls=Command)
@click.argument("run")
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="CSV, TSV or Parquet; by default FILE's name with -predicted, in this folder.")
@click.option("--fill", is_flag=True, help="Take columns that FILE lacks as missing instead of refusing it.")
@threads
@reader_flags
def predict(run: str, file: Path, out: Path | None, fill: bool, threads: int, options: ReaderOptions) -> dict[str, Any]:
    """Score the rows of FILE with the model of RUN: its name, its folder or a model.zip.

    FILE has the columns of the training table; labels are not needed. Of a DeepBoW it holds pairs of query and title,
    of a DUPN events, which give a row for each user and candidate. JSON: `rows seconds file`, the `columns` that
    were added, cells by column that training has not seen (`unseen`) or that are no number (`failed`), `absent`
    columns, `sentences`.
    """
    import torch

    from core.runs.scoring.open_model import load_run
    from core.runs.scoring.predict import predict_file

    torch.set_num_threads(threads)
    done = predict_file(load_run(run), file, out, fill, threads, options)
    said = done.as_fields()
    show(f"{said['rows']:,} rows scored in {done.seconds:.1f} s, in {done.file}: {', '.join(done.columns)}.")
    show(*said["sentences"])
    return said


@click.command(cls=Command)
@click.argument("run")
@click.option("--onnx", "target", type=FILE, required=True, help="The file to write.")
def export(run: str, target: Path) -> dict[str, Any]:
    """Write the model of RUN as ONNX, and beside it how a row becomes its inputs. JSON: `onnx preparation bytes`."""
    from core.runs.scoring.onnx_file import export_onnx
    from core.runs.scoring.open_model import load_run

    file, rules = export_onnx(load_run(run), target)
    show(f"{file} is the network, {rules.name} says how a row becomes its inputs.")
    return {"onnx": str(file), "preparation": str(rules), "bytes": file.stat().st_size}
