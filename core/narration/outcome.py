"""What a run under bounds came to, against the same training with fixed weights: asked, paid, gained."""

from __future__ import annotations

from core.events.events import Numbers
from core.narration.story import Story


def outcome(story: Story, allowed: str) -> list[str]:
    """Of a run whose bound was taken from a model that all tasks trained together, once its last stage is done; empty
    for any other. `allowed` says what was asked.

    Both models have their losses on the same validation rows. The first is what fixed weights gave, so what lies
    between them is what the bound was worth.
    """
    started, stage, done = story.started, story.stage, story.stages_done
    over = story.in_reference or story.finished is not None
    if not (over and story.began_together and started and stage and stage.constraints) or len(done) < 2:
        return []
    before, after = done[0].loss, done[-1].loss
    objective = done[-1].objective[0]
    paid = [_moved(story.say(name), *_pair(before, after, started.tasks.index(name))) for name in stage.constraints]
    gained = _moved(story.say(objective), *_pair(before, after, started.tasks.index(objective)))
    return [
        f"asked was: {allowed}. Against the same steps with fixed weights, on the validation rows, "
        f"{', '.join(paid)} and {gained}."
    ]


def _pair(before: Numbers, after: Numbers, task: int) -> tuple[float, float]:
    return before[task] or 0.0, after[task] or 0.0


def _moved(name: str, before: float, after: float) -> str:
    change = 100 * (after / before - 1) if before else 0.0
    if abs(change) < 0.05:
        return f"the loss of {name} stayed the same"
    return f"the loss of {name} {'rose' if change > 0 else 'fell'} by {abs(change):.1f} %"
