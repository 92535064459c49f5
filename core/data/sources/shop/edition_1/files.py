"""The files of the first edition, as far as they differ: events, impressions and the table that is trained on."""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.prepared import write_folder
from core.data.sources.shop.columns import event_columns, page_columns
from core.data.sources.shop.edition_1.events import make_events
from core.data.sources.shop.edition_1.impressions import make_impressions
from core.data.sources.shop.features import make_table
from core.data.sources.shop.queries import make_queries
from core.data.sources.shop.text import titles
from core.data.sources.shop.users import make_users
from core.data.sources.shop.world import make_world


def write_events(folder: Path, conflict: float) -> None:
    """Events, impressions and, in `prepared`, the table at a strength of conflict."""
    world = make_world()
    queries, users = make_queries(world), make_users(world)
    events = make_events(world, users, queries)
    shown = make_impressions(world, users, queries, events, conflict)
    parquet.write(folder / "events.parquet", event_columns(events))
    parquet.write(folder / "impressions.parquet", page_columns(shown))
    write_folder(folder / "prepared", *make_table(world, queries, users, events, shown, titles(world)))


def write_table(folder: Path, conflict: float) -> None:
    """The prepared folder alone."""
    world = make_world()
    queries, users = make_queries(world), make_users(world)
    events = make_events(world, users, queries)
    shown = make_impressions(world, users, queries, events, conflict)
    write_folder(folder, *make_table(world, queries, users, events, shown, titles(world)))
