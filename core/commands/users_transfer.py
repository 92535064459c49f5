"""python -m core users transfer: what four tasks' representation is worth to a fifth, in four ways."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from typing import Any

from core.commands import train
from core.data.task_kinds import KINDS


def add(parser: argparse.ArgumentParser) -> None:
    train.add(parser)
    parser.add_argument("--target", default="shop", help="the task that is learnt last")
    parser.add_argument("--arms", default="scratch,frozen,fine_tune,retrain_all", help="which ways, with commas")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    import torch

    from core.data.registry import load_dataset
    from core.users.study.transfer import transfer

    torch.set_num_threads(arguments.threads)
    arguments.dataset = arguments.dataset or "shop_histories"
    config = train.read_config(arguments)
    report = (lambda words: None) if arguments.quiet else (lambda words: print(words, file=sys.stderr))
    arms = tuple(arm for arm in arguments.arms.split(",") if arm)
    found = transfer(config, load_dataset(config.dataset), arguments.target, arms, report)
    if not arguments.json:
        for each in found:
            value = "-" if each.metric is None else format(each.metric, ".4f")
            print(f"{each.arm}: {KINDS[each.kind].metric.name} {value}, {each.steps} steps")
    results = [asdict(each) | {KINDS[each.kind].metric.key: each.metric} for each in found]
    return {"target": arguments.target, "arms": results}
