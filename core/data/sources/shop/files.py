"""The shop as Parquet files: the committed folder, and tables for other strengths of conflict on demand."""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.prepared import TABLE, cached, write_folder
from core.data.sources.shop.columns import Shop, tables
from core.data.sources.shop.events import make_past
from core.data.sources.shop.impressions import make_impressions
from core.data.sources.shop.queries import make_queries
from core.data.sources.shop.tables import COMMITTED
from core.data.sources.shop.text import titles
from core.data.sources.shop.users import make_users
from core.data.sources.shop.world import make_world
from core.files import whole_folder
from core.home import home

DEFAULT_CONFLICT = 0.7
VERSION = 4  # of the simulation: raise it when the generator changes, so that no stale cache is read
VERSION_1 = 3  # of the first edition, by which the caches of that time are found again


def make_shop(conflict: float = DEFAULT_CONFLICT) -> Shop:
    """The shop of the fixed seed, in memory."""
    world = make_world()
    queries, users = make_queries(world), make_users(world)
    past = make_past(world, users, queries)
    return Shop(world, titles(world), queries, users, past, make_impressions(world, users, queries, past, conflict))


def tables_folder(edition: int = 2) -> Path:
    """Where the tables of an edition lie: the committed ones, or those of the first edition, made once and kept."""
    if edition == 2:
        return COMMITTED
    from core.data.sources.shop.edition_1.files import write_events

    folder = home() / "cache" / f"shop-{VERSION_1}-tables"
    if not (folder / "prepared" / TABLE).exists():
        with whole_folder(folder) as temporary:
            write_events(temporary, DEFAULT_CONFLICT)
    return folder


def write_shop(folder: Path = COMMITTED) -> dict[str, int]:
    """Every table of the shop at the default conflict into `folder`; returns bytes by file name."""
    shop = make_shop()
    for name, columns in tables(shop).items():
        parquet.write(folder / f"{name}.parquet", columns)
    write_folder(folder / "prepared", *shop.table())
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*.parquet"))}


def prepared(conflict: float, edition: int = 2) -> Path:
    """The prepared folder at this strength of conflict: committed at the default, else made once and kept."""
    if edition == 1:
        from core.data.sources.shop.edition_1.files import write_table

        return cached(f"shop-{VERSION_1}-{conflict:.6g}", lambda folder: write_table(folder, conflict))
    if conflict == DEFAULT_CONFLICT and (COMMITTED / "prepared" / TABLE).exists():
        return COMMITTED / "prepared"
    return cached(f"shop-{VERSION}-{conflict:.6g}", lambda folder: write_folder(folder, *make_shop(conflict).table()))
