"""What becomes of a run once it is made: deleted together with what was made of it."""

from __future__ import annotations

from core.home import home
from core.server.shared import library


def delete_run(run_id: str) -> None:
    """Deletes a run and, where it was searched by, its collection; refused while it is under way."""
    library().delete(run_id)
    if (home() / "catalogues" / run_id).is_dir():
        from core.server import collections  # numba comes with it, and few runs need it

        collections.remove(run_id)
