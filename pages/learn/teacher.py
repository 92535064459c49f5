"""The teacher's page: aims, what to ask, the answers, and a plan for a lesson of 45 minutes; made for paper too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.lessons.lesson import Exercise, Lesson, Predict


def show_teacher(lessons: Sequence[Lesson], words: Mapping[str, str]) -> None:
    st.header(words["teacher"], anchor=False)
    st.caption(words["print"])
    for lesson in lessons:
        st.subheader(f"{lesson.place}. {lesson.title} · {words['minutes'].format(lesson.minutes)}", anchor=False)
        st.markdown(f"**{words['aim']}**: {lesson.aim}")
        if lesson.teacher:
            st.markdown(lesson.teacher)
        for question in (part for step in lesson.steps for part in step.questions()):
            st.markdown(f"- {_with_answer(question)}")


def _with_answer(question: Predict | Exercise) -> str:
    asked = " ".join(question.question.split())
    answer = question.options[question.answer] if isinstance(question, Predict) else f"{question.answer:g}"
    return f"{asked} — **{answer}**. {' '.join(question.told.split())}"
