"""What a run under bounds came to, beside the models that set them: asked, paid, gained."""

from __future__ import annotations

from core.events.events import Numbers, StageFinished
from core.narration.story import Story


def outcome(story: Story, allowed: str) -> list[str]:
    """Once a staged run's last stage is done; empty for any other. `allowed` says what was asked.

    Of a protected task: its loss beside that of its own stage's model, which set the bound. Of the last task: beside
    the model of the stage before, which knew nothing of it but what the others taught. After a common start whose
    model set the bound at once, that model had fixed weights and the same steps. All on the same validation rows.
    """
    started, stage, done = story.started, story.stage, story.stages_done
    over = story.in_reference or story.finished is not None
    if not (over and started and stage and stage.constraints) or len(done) < 2:
        return []
    own = {name: ended for ended in done for name in ended.objective}
    last, before = done[-1], done[-2]
    if any(name not in own for name in stage.constraints):
        return []
    paid = [_moved(story, name, own[name], last, started.tasks.index(name)) for name in stage.constraints]
    objective = last.objective[0]
    gained = _moved(story, objective, before, last, started.tasks.index(objective))
    return [f"{allowed}. {_beside(story, stage.constraints)}, {', '.join(paid)} and {gained} (validation rows)."]


def _beside(story: Story, constraints: list[str]) -> str:
    if story.bound_at_once:
        return "Against the same steps with fixed weights"
    if len(constraints) == 1:
        return f"Against the model that is best for {story.say(constraints[0])}"
    return "Against the models that set the bounds"


def _moved(story: Story, name: str, before: StageFinished, after: StageFinished, task: int) -> str:
    change = _change(before.loss, after.loss, task)
    if abs(change) < 0.05:
        return f"the loss of {story.say(name)} stayed the same"
    return f"the loss of {story.say(name)} {'rose' if change > 0 else 'fell'} by {abs(change):.1f} %"


def _change(before: Numbers, after: Numbers, task: int) -> float:
    """In per cent."""
    first, last = before[task], after[task]
    return 100 * (last / first - 1) if first and last is not None else 0.0
