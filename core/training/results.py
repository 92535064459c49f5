"""What a finished run says of each task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.training.events import TaskResult

if TYPE_CHECKING:
    from core.training.trainer import Trainer


def results(run: Trainer) -> dict[str, TaskResult]:
    """Test metrics of the final model beside each task's own single-task model; only tasks that were trained."""
    final, stage = run.final, run.final_stage
    assert final is not None
    assert stage is not None
    trained = {*run.order} & {task for phase in run.plan if phase.kind == "main" for task in phase.stage.objective}
    out = {}
    for task in sorted(trained):
        alone = run.alone.get(task)
        out[run.tasks[task]] = TaskResult(
            loss=final.loss[task],
            auc=final.auc[task],
            rmse=final.rmse[task],
            accuracy=final.accuracy[task],
            slice_loss=stage.loss[task],
            bound=stage.bound[task],
            violation=stage.violation[task],
            multiplier=stage.multiplier[task],
            single_task_loss=alone.loss[task] if alone else None,
            single_task_auc=alone.auc[task] if alone else None,
            single_task_rmse=alone.rmse[task] if alone else None,
            single_task_accuracy=alone.accuracy[task] if alone else None,
        )
    return out
