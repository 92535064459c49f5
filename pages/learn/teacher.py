"""The teacher's page: aims, what to ask, the answers, and a plan for a lesson of 45 minutes; also on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.lessons.glossary import with_links
from core.lessons.lesson import Lesson
from core.narration.lesson_sheet import teacher_sheet, with_answer


def show_teacher(lessons: Sequence[Lesson], words: Mapping[str, str]) -> None:
    language = lessons[0].language
    st.header(words["teacher"], anchor=False)
    st.download_button(
        words["print"],
        lambda: teacher_sheet(lessons, words),
        f"precedence-teacher-{language}.html",
        "text/html",
        icon=":material/print:",
        on_click="ignore",
    )
    st.markdown(f"**{words['plan']}**")
    st.markdown(words["plan_text"])
    for lesson in lessons:
        st.subheader(f"{lesson.place}. {lesson.title} · {words['minutes'].format(lesson.minutes)}", anchor=False)
        st.markdown(f"**{words['aim']}**: {lesson.aim}")
        if lesson.teacher:
            st.markdown(with_links(lesson.teacher, language))
        answers = [part for step in lesson.steps for part in step.questions()]
        st.markdown("\n".join(f"- {with_links(with_answer(question), language)}" for question in answers))
