"""The loop: run config, trainer, telemetry events, checkpoints, live control.

May import: `core.data`, `core.models`, `core.methods`, `core.insight`. Needs torch, numpy and pydantic alone.
"""
