"""python -m core bench WHAT: speed as ratios taken in one run, with interleaved rounds."""

from __future__ import annotations

from typing import Any

import click

from core.commands.options import FILE, Command, Names, Numbers, any_field, report, show, threads

_batch = click.option("--batch", type=click.IntRange(min=1), default=1024, help="Rows a step.")


def _rounds(default: int, words: str) -> Any:
    return click.option("--rounds", type=click.IntRange(min=1), default=default, help=words)


def _rows(default: int) -> Any:
    return click.option("--rows", type=click.IntRange(min=1), default=default, help="Rows of the made-up table.")


@click.command(cls=Command)
@_rounds(40, "Interleaved pairs.")
@click.option("--steps", default=50, help="Steps a round: a multiple of the evaluation interval.")
@_batch
@_rows(60_000)
@threads
def step(**given: Any) -> dict[str, Any]:
    """An NMT step against a plain weighted-sum step."""
    from core.bench.step import measure

    return measure(**given)


@click.command(cls=Command)
@_rounds(12, "Interleaved rounds of all methods.")
@click.option("--steps", default=4, help="Steps of each method a round.")
@_batch
@_rows(20_000)
@threads
def methods(**given: Any) -> dict[str, Any]:
    """A step of every method against a plain weighted-sum step."""
    from core.bench.methods import measure

    return measure(**given)


@click.command(cls=Command)
@click.option("--browsers", default=30, help="Simulated viewers.")
@click.option("--rounds", default=10, help="Pairs of rounds with and without viewers.")
@click.option("--seconds", default=4.0, help="Length of a round.")
def live(**given: Any) -> dict[str, Any]:
    """What many viewers cost the server and the run they watch."""
    from core.bench.live import measure

    return measure(**given)


@click.command(cls=Command)
@click.option("--kills", type=click.IntRange(min=0), default=200, help="Processes killed, one after another.")
@click.option("--damaged", type=click.IntRange(min=0), default=100, help="Files damaged, each kind in turn.")
@click.option("--disk-full", type=click.IntRange(min=0), default=20, help="Moments in which nothing can be written.")
@click.option("--flips", type=click.IntRange(min=0), default=200, help="Bits of a checkpoint turned over.")
@click.option("--seed", default=0, help="Of everything random.")
def chaos(**given: Any) -> dict[str, Any]:
    """What becomes of runs when processes are killed, files damaged and disks full."""
    from core.bench.chaos import measure

    return measure(**given, report=report)


@click.command(cls=Command)
@click.option("--count", type=click.IntRange(min=0), default=1000, help="Files, each from its number and the seed.")
@click.option("--seed", default=0, help="Of everything random.")
@click.option("--at-once", type=click.IntRange(1, 64), default=2, help="People who bring files at the same time.")
def uploads(**given: Any) -> dict[str, Any]:
    """Bad uploads as a page reads them: tracebacks, hangs, memory, sentences.

    JSON: uploads refused read tracebacks hangs paths unexpected worst_seconds memory_growth_mb …
    """
    from core.bench.uploads import measure

    return measure(**given, report=report)


@click.command(cls=Command)
@click.option("--browsers", default=30, help="Simulated browsers; every second one trains.")
@click.option("--minutes", default=10.0, help="How long the class lasts.")
@click.option("--tabs", default=120, help="Tabs of the hostile one; 0: it only trains.")
def soak(**given: Any) -> dict[str, Any]:
    """A class on the real server, one of them hostile: latency, fairness, memory, errors."""
    from core.bench.soak import measure

    return measure(**given, report=report)


@click.command("class", cls=Command)
@click.option("--browsers", default=30, help="Simulated students in one room, each training what was sent.")
@click.option("--minutes", default=10.0, help="How long the class lasts.")
@click.option("--steps", default=300, help="Steps of a stage of each run.")
def class_(**given: Any) -> dict[str, Any]:
    """A class in one room over a browser's own protocols: who waits how long, who gets how much.

    JSON: browsers errors latency_p95_ms first_point_last_s runs_started runs_finished memory_growth fairness …
    """
    from core.bench.class_room import measure

    return measure(**given, report=report)


@click.command(cls=Command)
@_rounds(15, "Interleaved rounds of each size.")
@_batch
@click.option("--seeds", default=3, help="Runs whose angles are judged.")
@threads
@click.option("--quick", is_flag=True, help="Small tables and few probes, to test this bench itself.")
def probe(**given: Any) -> dict[str, Any]:
    """What task gradients and probes cost, and how far their angles can be trusted."""
    from core.bench.probe import measure

    return measure(**given)


@click.command(cls=Command)
@click.option("--dataset", help="A name that `data list` gives; by default the shop and Complete Journey.")
@click.option("--task", help="Whose tolerance is changed; by default the most important one's.")
@click.option(
    "--change",
    "shares",
    type=Numbers(float, "-0.5,0.5"),
    default="-0.5,0.5",
    help="Shares of the tolerance, with commas.",
)
@click.option(
    "--tolerance", "tolerances", type=Numbers(float, "0.01,0.03", least=0), default="", help="Tolerances, with commas."
)
@click.option("--seeds", type=click.IntRange(min=1), default=4, help="How many; each trains a sweep.")
@click.option("--first-seed", type=click.IntRange(min=0), default=5, help="Seeds 0 to 4 chose the curve's priors.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; as many as there are cores, at most four.")
@any_field
def price(**given: Any) -> dict[str, Any]:
    """What prices predict for a change of tolerance, against training that change.

    JSON: `rows` of {dataset tolerance gainer median_error coverage seeds …}, and the `changes` behind them.
    """
    from core.bench.price import measure

    result = measure(**given, report=report)
    for row in result["rows"]:
        error = "–" if row["median_error"] is None else f"{row['median_error']:.0%}"
        show(
            f"{row['dataset']}, {row['gainer']} about {row['tolerance']:.3g}: median error {error}, 90 % band covers "
            f"{row['coverage']:.0%} ({row['seeds']} seeds)"
        )
    return result


@click.command(cls=Command)
@click.option(
    "--products",
    "sizes",
    type=Numbers(int, "5000,50000", least=1),
    default="5000,50000,500000",
    help="Sizes of the catalogue, with commas.",
)
@click.option(
    "--engines",
    type=Names(),
    default="deepbow,faiss_fp32,faiss_int8,bm25s",
    help="With commas; also numpy, scipy, seismic.",
)
@click.option("--queries", default=200, help="Searches an engine and size, in interleaved rounds.")
@click.option("--model", default="", help="start, words, or the folder of a model; by default the trained start.")
@click.option("--dims", default=128, help="Of the dense peer.")
def relevance(**given: Any) -> dict[str, Any]:
    """A search over a whole catalogue: words against vectors, time and bytes."""
    from core.bench.relevance import measure

    return measure(**given, report=lambda row: show(str(row)))


@click.command(cls=Command)
@click.option("--moments", default=0, help="Searches and visits to ask about; 0: all.")
@click.option("--all-relations", is_flag=True, help="Count the same item, brand and shop as well.")
def shop(**given: Any) -> dict[str, Any]:
    """That behaviour in the simulated shop has causes: regressions and tables, no network."""
    from core.bench.shop import measure

    result = measure(**given)
    for name, rows in result.items():
        show("", name, *map(str, rows))
    return result


@click.command(cls=Command)
@_rounds(5, "Interleaved rounds of each sequence network.")
@click.option("--embed", default=100_000, help="Users to embed; 0: none.")
@click.option(
    "--sizes",
    type=Numbers(int, "1000,10000", least=1),
    default="10000,100000,1000000",
    help="Users in the index, with commas; empty: none.",
)
@click.option("--serve", default=50, help="Users under a query who are served 10,000 candidates; 0: none.")
@click.option("--device", default="cpu", help="cpu or cuda, for the sequences.")
def users(**given: Any) -> dict[str, Any]:
    """Sequences a second against a step loop and a plain LSTM, serving, embedding, neighbours of users."""
    from core.bench.users import measure

    result = measure(**given)
    for row in result["batches"]:
        show(
            f"{row['histories']} histories: {row['sequences_per_second']} a second, {row['loop_ratio']} × the loop, "
            f"{row['lstm_ratio']} × the plain LSTM"
        )
    if "candidates_per_second" in result:
        show(
            f"{result['candidates']:,} candidates: {result['p50_ms_10000']} ms, 95 % within {result['p95_ms_10000']} "
            f"ms, {result['candidates_per_second']:,} a second, of which the user's part {result['user_ms']} ms"
        )
    show(*map(str, result.get("neighbours", [])))
    return result


@click.command(cls=Command)
@click.option("--device", default="cuda", help="cuda; cpu runs the parts that can, to test this bench itself.")
@threads
@click.option("--quick", is_flag=True, help="Small sizes.")
def gpu(**given: Any) -> dict[str, Any]:
    """Every check and timing that wants a CUDA device."""
    from core.bench.gpu import measure

    return measure(**given)


@click.command(cls=Command)
@click.option("--dataset", default="esci150", help="A data set of lists.")
@click.option(
    "--tolerances",
    type=Numbers(float, "0.01,0.03", least=0),
    default="0.01,0.03",
    help="Points of NDCG@10, with commas.",
)
@click.option("--splits", type=click.IntRange(1), default=20, help="Divisions of the queries, five a cross-validation.")
@click.option("--first-split", type=click.IntRange(0), default=0, help="Of the first; 20 to 39 chose the settings.")
@any_field
@threads
def ranker(settings: tuple[str, ...], threads: int, **given: Any) -> dict[str, Any]:
    """One score, several masters: what promises in NDCG are worth on unseen queries."""
    import torch

    from core.bench.ranker import measure
    from core.settings.address import pairs

    torch.set_num_threads(threads)
    result = measure(**given, settings=pairs(settings), report=report)
    for row in result["promise"]:
        show("  ".join(f"{name} {value}" for name, value in row.items() if name != "each"))
    return result


@click.command(cls=Command)
@click.option(
    "--tolerances", type=Numbers(float, "0.01,0.03", least=0), default="0.01,0.02,0.03", help="Of NDCG@10, with commas."
)
@click.option("--splits", type=click.IntRange(1), default=20, help="Divisions of the queries.")
@click.option("--first-seed", type=click.IntRange(0), default=5, help="Of the first; 0 to 4 chose the settings.")
@threads
def order(threads: int, **given: Any) -> dict[str, Any]:
    """The Relevance page's order: what a tolerance of NDCG@10 loses and buys on unseen queries of the shop."""
    import torch

    from core.bench.order import measure

    torch.set_num_threads(threads)
    return measure(**given, report=report)


@click.command(cls=Command)
@click.option("--dataset", default="shop", help="Its default run, with --set on top.")
@click.option(
    "--tolerances", type=Numbers(float, "0.01,0.05", least=0), default="0.01,0.05", help="Of all tasks, with commas."
)
@click.option("--seeds", type=click.IntRange(min=1), default=20, help="How many.")
@click.option("--first-seed", type=click.IntRange(min=0), default=5, help="0 to 4 chose the settings.")
@click.option("--weights", type=click.IntRange(min=2), default=25, help="About so many settings of the grid.")
@click.option("--grids", type=FILE, help="Folder in which grids of weights are kept, and read again from.")
@any_field
@threads
def front(settings: tuple[str, ...], threads: int, **given: Any) -> dict[str, Any]:
    """Runs under bounds against a grid of weights and the single task, over seeds.

    JSON: `rows` of {dataset tolerance seeds regret{validation test} regret_upper_quartile regret_of_lane kept
    over_bound over_alone within_alone multiplier at_rest resting compute_ratio …}, the `points` behind them, and
    `settings`: what each of the grid comes to itself.
    """
    import torch

    from core.bench.front import measure
    from core.settings.address import pairs

    torch.set_num_threads(threads)
    result = measure(**given, settings=pairs(settings), report=report)
    for row in result["rows"]:
        show("  ".join(f"{name} {value}" for name, value in row.items()))
    return result


@click.command(cls=Command)
@click.option("--dataset", default="shop", help="Its default run, with --set on top.")
@click.option("--tasks", type=Names(), default="", help="With commas, most important first; by default the run's.")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    required=True,
    help='A method and its settings, e.g. "cograd gamma=10 normalise=false"; may be given again.',
)
@click.option(
    "--rows",
    type=click.Choice(["validation", "test"]),
    default="validation",
    help="Which are read; choose on the first.",
)
@click.option("--seeds", type=click.IntRange(min=1), default=5, help="How many.")
@click.option("--first-seed", type=click.IntRange(min=0), default=0, help="0 to 4 choose, others judge.")
@any_field
@threads
def peers(settings: tuple[str, ...], threads: int, **given: Any) -> dict[str, Any]:
    """Methods against the plain weighted sum, at equal steps and at equal backward passes, over seeds.

    JSON: `rows` of {dataset variant task split seeds steps backwards correction loss metric loss_at_equal_steps
    metric_at_equal_steps loss_at_equal_backwards metric_at_equal_backwards}; the last four are paired differences,
    [mean, half of the 95 % interval].
    """
    import torch

    from core.bench.peers import measure
    from core.settings.address import pairs

    torch.set_num_threads(threads)
    result = measure(**given, settings=pairs(settings), report=report)
    for row in result["rows"]:
        show("  ".join(f"{name} {value}" for name, value in row.items() if value is not None))
    return result
