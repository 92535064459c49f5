"""What a finished run says of each task."""

from __future__ import annotations

from core.training.events import TaskResult
from core.training.state import RunState


def results(run: RunState) -> dict[str, TaskResult]:
    """Test metrics of the final model beside each task's own single-task model; only tasks that were trained."""
    final, stage = run.final, run.final_stage
    assert final is not None
    assert stage is not None
    trained = {*run.order} & {task for phase in run.plan if phase.kind == "main" for task in phase.stage.objective}
    out = {}
    for task in sorted(trained):
        alone = run.alone.get(task)
        out[run.setup.tasks[task]] = TaskResult(
            kind=run.setup.losses.tasks[task].kind,
            loss=final.loss[task],
            metric=final.metric[task],
            slice_loss=stage.loss[task],
            bound=stage.bound[task],
            violation=stage.violation[task],
            multiplier=stage.multiplier[task],
            single_task_loss=alone.loss[task] if alone else None,
            single_task_metric=alone.metric[task] if alone else None,
        )
    return out
