"""One lesson: its steps, each below the last, as far as they are open."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.lessons.glossary import with_links
from core.lessons.lesson import Exercise, Facts, Lesson, Picture, Predict, Step, Text
from core.narration.lesson_sheet import Given, Kind, lesson_sheet
from pages.learn.pictures import PICTURES
from pages.learn.state import LearnState

Words = Mapping[str, str]


def show_lesson(state: LearnState, lesson: Lesson, after: Lesson | None, words: Words) -> None:
    """Title, aim, the open steps, and what comes after; as wide as a page of text."""
    with st.container(width=820):
        _lesson(state, lesson, after, words)


def _lesson(state: LearnState, lesson: Lesson, after: Lesson | None, words: Words) -> None:
    done = min(state.done.get(lesson.name, 0), len(lesson.steps))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        st.header(lesson.title, anchor=False, width="content")
        _sheet(lesson, words, "handout")
    far = words["part"].format(done, len(lesson.steps))
    st.caption(f"{lesson.aim} · {words['minutes'].format(lesson.minutes)} · {far}")
    st.progress(done / len(lesson.steps))
    for at, step in enumerate(lesson.steps):
        key = f"{lesson.name}_{at}"
        st.subheader(f"{at + 1}. {step.title}", anchor=False)
        open_ = _step(state, step, key, words, told=at >= done)
        if at < done:
            continue
        if not open_:
            return
        if step.until is None and not step.questions() and not st.button(words["go_on"], key=f"{key}_on"):
            return
        state.done[lesson.name] = at + 1
        st.rerun()
    st.success(words["finished"], icon=":material/check_circle:")
    _sheet(lesson, words, "report", _given(state, lesson))
    if after is not None and st.button(words["next"].format(after.title), type="primary"):
        state.go(lesson=after.name)
        st.rerun()


def _sheet(lesson: Lesson, words: Words, kind: Kind, given: Given | None = None) -> None:
    """The lesson on paper: to fill in, or with what the learner answered."""
    name = f"precedence-lesson-{lesson.place}-{kind}-{lesson.language}.html"
    st.download_button(
        words[kind],
        lambda: lesson_sheet(lesson, words, kind, given),
        name,
        "text/html",
        icon=":material/print:",
        type="tertiary",
        on_click="ignore",
        key=f"learn_{kind}",
    )


def _given(state: LearnState, lesson: Lesson) -> Given:
    places = [(at, part) for at, step in enumerate(lesson.steps) for part in range(len(step.parts))]
    keys = {place: f"{lesson.name}_{place[0]}_{place[1]}" for place in places}
    return {place: state.answered[key] for place, key in keys.items() if key in state.answered}


def _step(state: LearnState, step: Step, key: str, words: Words, told: bool) -> bool:
    """Shows a step; whether everything that it asks for is done. `told`: says what is still to be done."""
    facts: dict[str, float | bool] = {}
    answered = True
    for at, part in enumerate(step.parts):
        own = f"{key}_{at}"
        if isinstance(part, Text):
            st.markdown(with_links(part.markdown, state.place.lang))
        elif isinstance(part, Picture):
            facts |= PICTURES[part.widget](part.settings, f"{own}_{state.version}", words)
        elif isinstance(part, Predict):
            answered &= _predict(state, part, own, words)
        else:
            answered &= _exercise(state, part, own, words)
    said = _left(step, facts, answered, words)
    if said and told:
        st.caption(said)
    return not said


def _left(step: Step, facts: Facts, answered: bool, words: Words) -> str:
    """What the step still asks for; empty where that is nothing."""
    if not answered:
        return words["answer_first"]
    if step.until is not None and not step.until.holds(facts):
        return f":material/touch_app: {words['do']}"
    return ""


def _predict(state: LearnState, part: Predict, key: str, words: Words) -> bool:
    """Once chosen, a prediction stands: what is right is told beside it."""
    chosen = state.answered.get(key)
    if chosen is None:
        with st.form(f"{key}_{state.version}", border=False):  # by the arrow keys an option is chosen on the way past
            given = st.radio(part.question, part.options, index=None)
            if st.form_submit_button(words["guess"]) and given is not None:
                state.answered[key] = part.options.index(given)
                st.rerun()
        return False
    st.radio(part.question, part.options, index=chosen, key=f"{key}_{state.version}_told", disabled=True)
    right = chosen == part.answer
    (st.success if right else st.info)(f"{words['right' if right else 'wrong']} {part.told}")
    return True


def _exercise(state: LearnState, part: Exercise, key: str, words: Words) -> bool:
    """A number, as often as it takes; a hint after the first try."""
    if state.answered.get(key):
        st.markdown(part.question)
        st.success(f"{words['right']} {part.told}")
        return True
    with st.form(f"{key}_{state.version}", border=False):
        st.markdown(part.question)
        given = st.number_input(words["number"], value=None, format="%.3f", label_visibility="collapsed")
        sent = st.form_submit_button(words["check"])
    if sent and given is not None:
        if part.is_right(given):
            state.answered[key] = True
            st.rerun()
        st.warning(words["try"].format(part.hint))
    return False
