"""A run says beside its steps which of them another run has trained."""

from __future__ import annotations

from core.runs.folder.run_folder import RunFolder
from core.runs.folder.shared_stages import Branched, note_alone, write_branched
from core.settings.presets import default_run
from pages.lab.sentences import _taken_over as said
from pages.shared.headline import _far
from pages.shared.headline import _taken_over as counted
from pages.shared.run_reader import RunReader


def test_first_steps_and_tasks_alone_are_said_and_counted(tmp_path):
    folder = RunFolder.create(tmp_path, default_run("shop"))
    reader = RunReader.open(tmp_path, folder.run_id)
    status = folder.status().model_copy(update={"state": "finished", "step": 1950, "most_steps": 1950})
    assert (said(reader), counted(reader)) == ([], 0)
    assert "trained before" not in _far(status, counted(reader))
    write_branched(folder.path, Branched(stages=2, steps=600, seconds=30.0))
    note_alone(folder.path, {"relevance": 600})
    note_alone(folder.path, {"click": 600})
    first, alone = said(reader)
    assert first.startswith("The first 600 steps were trained before")
    assert alone.startswith("Relevance and Click alone, to compare with, were trained before")
    assert alone.endswith("1,200 of the steps shown.")
    assert "Steps; 1,800 of them trained before" in _far(status, counted(reader))


def test_a_damaged_note_does_not_hide_the_figures(tmp_path):
    folder = RunFolder.create(tmp_path, default_run("shop"))
    (folder.path / "branched.json").write_text("{")
    assert counted(RunReader.open(tmp_path, folder.run_id)) == 0
