"""python -m core users study: the arms, single tasks and transfer over seeds, with intervals."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from core.commands import train


def add(parser: argparse.ArgumentParser) -> None:
    train.add(parser)
    parser.add_argument("--seeds", default="0,1,2,3,4", help="with commas")
    parser.add_argument("--file", type=Path, required=True, help="one line a finished run; goes on where it ended")
    parser.add_argument("--only", default="", help="some runs, with commas: 'arm all,alone ctr,transfer'")
    parser.add_argument("--show", action="store_true", help="only what the file holds")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from core.users.study.study import study, summary

    if not arguments.show:
        _run(arguments, study)
    found = summary(arguments.file)
    if not arguments.json:
        for what, tasks in found.items():
            print(
                f"{what:18}", *(f"{task} {v['mean']:.4f} ± {v['half'] or 0:.4f}" for task, v in tasks.items()), sep="  "
            )
    return {"study": found}


def _run(arguments: argparse.Namespace, study: Any) -> None:
    import torch

    from core.data.registry import load_dataset

    torch.set_num_threads(arguments.threads)
    arguments.dataset = arguments.dataset or "shop_histories"
    arguments.set = ["probe_every=0", "record_every=50", *arguments.set]
    config = train.read_config(arguments)
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    only = tuple(what.strip() for what in arguments.only.split(",") if what)
    report = lambda words: print(words, file=sys.stderr)
    study(config, load_dataset(config.dataset), seeds, arguments.file, report, only)
