"""What a run says of itself while it trains: the lines of its log, the shape of every live event.

`python tests/event_types.py` writes the browser's types from it. May import: `core.task_kinds`, `core.settings_field`.
"""
