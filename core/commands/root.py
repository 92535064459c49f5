"""The tree of commands, and what becomes of a line that cannot be run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from keyword import iskeyword

import click

from core import __version__
from core.commands.options import Group
from core.errors import PrecedenceError

_BENCHES = {
    "step": "An NMT step against a plain weighted-sum step.",
    "methods": "A step of every method against a plain weighted-sum step.",
    "live": "What many viewers cost the server and the run they watch.",
    "chaos": "What becomes of runs when processes are killed, files damaged and disks full.",
    "uploads": "Bad uploads as a page reads them: tracebacks, hangs, memory, sentences.",
    "class": "A class in one room over a browser's own protocols: who waits how long, who gets how much.",
    "soak": "A class on the real server, one of them hostile: latency, fairness, memory, errors.",
    "probe": "What task gradients and probes cost, and how far their angles can be trusted.",
    "front": "Runs under bounds against a grid of weights and the single task, over seeds.",
    "peers": "Methods against the weighted sum, at equal steps and at equal backward passes.",
    "price": "What multipliers promise for a change of tolerance, against training that change.",
    "ranker": "One score, several masters: promises on unseen queries.",
    "order": "The Relevance page's order: what a tolerance of NDCG@10 loses and buys on unseen queries.",
    "relevance": "A search over a whole catalogue: words against vectors, time and bytes.",
    "shop": "That behaviour in the simulated shop has causes: regressions and tables, no network.",
    "users": "Sequences a second against a step loop and a plain LSTM, embedding, neighbours of users.",
    "gpu": "Every check and timing that wants a CUDA device.",
}

ROOT = Group(
    "precedence",
    "Prioritised multi-task learning: everything the pages do, without a browser.\n\n"
    "Results go to standard output (with --json one JSON object on the last line), progress to standard error. A "
    "mistake in the input ends with one sentence and exit status 2. Runs, prepared tables and caches are kept in the "
    "folder that PRECEDENCE_HOME names; else in .precedence, where the working folder has one; else in your user data "
    "folder.",
    {
        "run": ("core.commands.run:run", "Open the app in the browser."),
        "train": ("core.commands.train:train", "Train one run from a config file or from flags."),
        "predict": ("core.commands.predict:predict", "Score the rows of a file with a finished run's model."),
        "rerun": ("core.commands.rerun:rerun", "Train a finished run once more: is every bit the same?"),
        "export": ("core.commands.predict:export", "Write a finished run's model as ONNX."),
        "sweep": (
            "core.commands.sweep:sweep",
            "Train a grid of tolerances, weights, methods, priorities and seeds; its front.",
        ),
        "compare": (
            "core.commands.compare:compare",
            "Train several methods on several data sets and seeds, and put them side by side.",
        ),
        "price": (
            "core.commands.price:price",
            "Say what a change of each tolerance would buy the tasks below, from a finished NMT run.",
        ),
        "methods": ("core.commands.methods:methods", "List the methods: what each guarantees, costs, where it fails."),
        "data": Group(
            "data",
            "List the data sets, check one, or keep a file as one.",
            {
                "list": ("core.commands.data:list_", "The data sets that can be chosen."),
                "profile": ("core.commands.data:profile", "What a file holds, column by column."),
                "check": ("core.commands.data:check", "Is this data set or file fit for use?"),
                "prepare": ("core.commands.data:prepare", "Keep a file as a data set."),
                "make-example": (
                    "core.commands.data:make_example",
                    "Train the run again that the Priority lab replays at first.",
                ),
                "make-answers": (
                    "core.commands.answers:make_answers",
                    "Train the runs again that answer the What-if page's first question.",
                ),
                "brought": ("core.commands.data:brought_", "Everything that was brought: size, age, use."),
                "remove": ("core.commands.data:remove", "Delete something that was brought."),
                "template": ("core.commands.data:template", "A worked example of each kind of file."),
                "make-shop": (
                    "core.commands.data:make_shop",
                    "Write the simulated shop again, the same bytes.",
                ),
            },
        ),
        "runs": Group(
            "runs",
            "All runs of this home: list, compare, ask in SQL, take home, bring back, delete.",
            {
                "list": ("core.commands.runs:list_", "All runs, with their figures."),
                "compare": ("core.commands.runs:compare", "Two runs, seed by seed, with an interval."),
                "sql": ("core.commands.runs:sql", "One SELECT over runs, results and settings."),
                "note": ("core.commands.runs:note", "Name a run, give it tags or notes."),
                "export": ("core.commands.runs:export", "A run as one file that works elsewhere."),
                "import": ("core.commands.runs:import_", "Bring a run that was exported, or train --out's folder."),
                "delete": ("core.commands.runs:delete", "Delete a run with its curves and its model."),
            },
        ),
        "users": Group(
            "users",
            "Users from their histories: train, embed, find neighbours.",
            {
                "train": ("core.commands.users_training:train", "Train DUPN on histories and keep the model."),
                "transfer": ("core.commands.users_training:transfer", "What four tasks teach is worth to a fifth."),
                "update": ("core.commands.users_training:update", "Fine-tune a kept model on the newest day."),
                "study": ("core.commands.users_training:study", "Arms, single tasks and transfer over seeds."),
                "embed": ("core.commands.users:embed", "Embed all users, index them, draw their map."),
                "neighbours": ("core.commands.users:neighbours", "The users most like one, and what they share."),
                "judge": ("core.commands.users:judge", "Are neighbours alike in what no embedding has seen?"),
                "next": ("core.commands.users:next_item", "Which item comes next? Counting and sequence networks."),
            },
        ),
        "relevance": Group(
            "relevance",
            "Search that explains itself: train, index, search, explain, override.",
            {
                "train": ("core.commands.relevance_models:train", "A relevance model from judged pairs."),
                "evaluate": ("core.commands.relevance_models:evaluate", "Models beside BM25 and word overlap."),
                "index": ("core.commands.relevance_index:index", "A catalogue as an index; add, remove products."),
                "order": ("core.commands.relevance_order:order", "What relevance gives up and a second aim gains."),
                "collection": ("core.commands.relevance_collection:collection", "What the Relevance page searches."),
                "search": ("core.commands.relevance_search:search", "The best products for a query."),
                "explain": ("core.commands.relevance_search:explain", "Why a product has its score, word by word."),
                "override": ("core.commands.relevance_override:override", "Changes by hand, and what they change."),
            },
        ),
        "doctor": ("core.commands.operation:doctor", "Look through the home for what is damaged; mend it."),
        "backup": ("core.commands.operation:backup", "The whole home as one file."),
        "restore": ("core.commands.operation:restore", "A backup into an empty home."),
        "admin": Group(
            "admin",
            "Runs, queue and people of a home, for who runs the server.",
            {
                "runs": ("core.commands.operation:runs", "All runs: state, step, whose, how large."),
                "stop": ("core.commands.operation:stop", "Stop runs by their names."),
                "queue": ("core.commands.operation:queue", "What waits, and what the workers do."),
                "users": ("core.commands.operation:users", "Whose runs there are."),
                "clean": ("core.commands.operation:clean", "Delete runs that are over, the oldest first."),
            },
        ),
        "bench": Group(
            "bench",
            "Measure speed as ratios taken in one run, with interleaved rounds.",
            {name: (f"core.commands.bench:{name}{'_' * iskeyword(name)}", words) for name, words in _BENCHES.items()},
        ),
    },
)

click.version_option(__version__, prog_name="precedence")(ROOT)


def execute(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0; 1 where what was looked at is not fit for use; 2 after a sentence on standard error; 130
    where a person interrupted it."""
    try:
        ended = ROOT.main(arguments, standalone_mode=False)
    except PrecedenceError as error:
        print(error, file=sys.stderr)
        return 2
    except click.ClickException as error:
        print(_sentence(error), file=sys.stderr)
        return 2
    except click.Abort:
        return 130
    return ended if isinstance(ended, int) else 0


def _sentence(error: click.ClickException) -> str:
    """click's words on one line, with what to do where it suggests nothing; without any word on the line the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    text = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if context is None or "Did you mean" in text:
        return text
    return f"{text.rstrip('.')}; {context.command_path} --help says what there is."
