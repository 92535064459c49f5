"""The training that checks a predicted price, and the two side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from core.data.description import Task
from core.errors import PrecedenceError
from core.insight.prices import PricedRun, predict
from core.runs.comparable_runs import priced_run
from core.runs.folder.run_folder import RunFolder, config_hash
from core.runs.folder.status import UNDER_WAY
from core.server.shared import library, supervisor
from core.server.starting import start_run
from core.settings.run import RunConfig
from core.task_kinds.kinds import metric_names
from pages import navigation
from pages.shared.errors import show_errors
from pages.shared.headline import STATES
from pages.shared.markdown_escape import plain
from pages.shared.person import sees_run, starter
from pages.shared.repeating import repeating

NEWEST = 12  # runs looked through for a training that is under way
KEY = "whatif_price"


@dataclass(frozen=True)
class Offer:
    """What the sliders need: nothing here is read again while one is dragged."""

    run_id: str
    config: RunConfig
    priced: PricedRun
    trained: list[PricedRun]
    tasks: Mapping[str, Task]

    def title(self, name: str) -> str:
        return self.tasks[name].title


@repeating(1)
def wait_for_run(run_id: str) -> None:
    """Follows a training; when it is done, the page is filled anew."""
    with show_errors():
        status = supervisor().status(run_id)
        if status.state in UNDER_WAY:
            share = status.step / status.most_steps if status.most_steps else 0.0
            st.progress(
                min(1.0, share), f"{STATES[status.state]}: step {status.step:,} of at most {status.most_steps:,}"
            )
        elif status.state == "finished":
            library().add(run_id)
            st.rerun()
        else:
            st.warning(
                plain(status.error or f"The run ended as {STATES[status.state].lower()}."), icon=":material/error:"
            )


def verify(offer: Offer, wanted: Mapping[str, float]) -> None:
    """Train the very point, and put predicted and real side by side."""
    if all(offer.priced.tolerances[task] == value for task, value in wanted.items()):
        return
    config = offer.config.model_copy(update={"tolerances": {**offer.config.tolerances, **wanted}, "name": ""})
    trained = library().same_config(config)
    if trained:
        _side_by_side(offer, wanted, trained[-1])
        return
    running = _under_way(config)
    if running is not None:
        wait_for_run(running)
    elif st.button(
        "Verify by training",
        icon=":material/fact_check:",
        key=f"{KEY}_verify",
        help="Trains the same run with these tolerances; what comes of it also corrects later predictions.",
    ):
        run_id = start_run(config, starter())
        st.session_state.setdefault(f"{KEY}_verifying", {})[config_hash(config)] = run_id
        wait_for_run(run_id)


def _under_way(config: RunConfig) -> str | None:
    """The run that trains this config now, also where another session or an earlier visit started it."""
    wanted, place = config_hash(config), supervisor().home
    own = st.session_state.get(f"{KEY}_verifying", {}).get(wanted)
    for run_id in [own] if own else supervisor().runs()[:NEWEST]:
        try:
            same = config_hash(RunFolder(place, run_id).config()) == wanted
            if same and supervisor().status(run_id).state in UNDER_WAY:
                return run_id
        except PrecedenceError:  # deleted or damaged
            continue
    return None


def _side_by_side(offer: Offer, wanted: Mapping[str, float], run_id: str) -> None:
    """Predicted without the run's own check, against what it brought; quality on the test rows beside it."""
    real = priced_run(supervisor().home, run_id)
    before, after = offer.priced.losses(), real.losses()
    blind = [run for run in offer.trained if run != real]
    predicted = predict(offer.priced, wanted, blind)
    tests = [library().result(name) for name in (offer.run_id, run_id)]
    rows = []
    for task, gain in predicted.items():
        rows.append(
            {
                "Task": offer.title(task),
                "Validation rows: predicted fall of loss, %": 100 * gain.gain / before[task],
                "Validation rows: band from": 100 * gain.low / before[task],
                "Validation rows: band to": 100 * gain.high / before[task],
                "Validation rows: trained, %": 100 * (before[task] - after[task]) / before[task],
                "Test rows: before": tests[0][task].metric,
                "Test rows: after": tests[1][task].metric,
            }
        )
    st.dataframe(
        rows,
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.3f") for name in list(rows[0])[1:]}
        if rows
        else None,
    )
    st.caption(
        "Trained on these tolerances with the same seed. The prediction is made without this run's own result. On test "
        f"rows: {metric_names()}."
    )
    if sees_run(run_id):
        st.page_link(
            navigation.LAB, label="Open the trained run", icon=":material/open_in_full:", query_params={"run": run_id}
        )
