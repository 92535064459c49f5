"""Learn: the list of lessons, one lesson, the teacher's page, or the words with what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.lessons.lesson import Lesson
from core.lessons.library import LANGUAGES, lessons
from pages.learn.glossary import show_glossary
from pages.learn.lesson_view import show_lesson
from pages.learn.progress import keep_progress
from pages.learn.state import LearnState, open_state
from pages.learn.teacher import show_teacher
from pages.learn.words import WORDS
from pages.shared.errors import show_errors, warn_missing


def page() -> None:
    state = open_state()
    for problem in state.problems:
        warn_missing(problem)
    keep_progress(state)
    _bar(state)
    words = WORDS[state.place.lang]
    every = lessons(state.place.lang)
    chosen = next((at for at, lesson in enumerate(every) if lesson.name == state.place.lesson), None)
    if state.place.view == "teacher":
        show_teacher(every, words)
    elif state.place.view == "glossary":
        show_glossary(state.place.lang, state.place.term, words)
    elif chosen is not None:
        show_lesson(state, every[chosen], every[chosen + 1] if chosen + 1 < len(every) else None, words)
    else:
        if state.place.lesson:
            warn_missing(
                f"There is no lesson '{state.place.lesson}'; there are {', '.join(one.name for one in every)}."
            )
        _list(state, every, words)


def _bar(state: LearnState) -> None:
    """The language, and the ways back and to the teacher's page."""
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small")
    words = WORDS[state.place.lang]
    at_start = state.place.lesson is None and state.place.view == "learner"
    if not at_start and bar.button(words["all"], icon=":material/list:"):
        state.go(lesson=None, view="learner", term=None)
        st.rerun()
    for view, icon in (("teacher", ":material/co_present:"), ("glossary", ":material/dictionary:")):
        if state.place.view != view and bar.button(words[view], icon=icon):
            state.go(lesson=None, view=view, term=None)
            st.rerun()
    language = bar.segmented_control(
        "Language / 语言", list(LANGUAGES), default=state.place.lang, format_func=LANGUAGES.__getitem__, required=True,
        key=f"learn_language_{state.version}", label_visibility="collapsed",
    )  # fmt: skip
    if language != state.place.lang:
        state.go(lang=language)
        st.rerun()


def _list(state: LearnState, every: Sequence[Lesson], words: Mapping[str, str]) -> None:
    st.title(words["title"], anchor=False)
    st.markdown(words["about"])
    places = [place for _ in range(0, len(every), 3) for place in st.columns(3)]  # on a phone they stand in their order
    for lesson, place in zip(every, places, strict=False):
        with place, st.container(border=True, height="stretch"):
            st.subheader(f"{lesson.place}. {lesson.title}", anchor=False)
            st.markdown(lesson.aim)
            done = min(state.done.get(lesson.name, 0), len(lesson.steps))
            far = words["done"] if done == len(lesson.steps) else words["part"].format(done, len(lesson.steps))
            st.caption(f"{words['minutes'].format(lesson.minutes)} · {far}")
            label = words["again"] if done else words["begin"]
            if st.button(label, key=f"learn_open_{lesson.name}", type="secondary" if done else "primary"):
                state.go(lesson=lesson.name)
                st.rerun()


with show_errors():
    page()
