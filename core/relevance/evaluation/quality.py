"""How good a model was found to be on judged test queries: measured once by `relevance evaluate`, kept for the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.files import write_text
from core.home import home
from core.relevance.stores.shop_bags import SHIPPED

FILE = "quality.json"


class Figures(BaseModel):
    """One model's row of `relevance evaluate`; what a model has none of is None."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str
    ndcg_at_10: float
    ndcg_at_10_interval: tuple[float, float] | None = None
    against_bm25: tuple[float, float, float] | None = None
    auc: float
    negative_pr_auc: float
    nonzeros_query: float | None = None
    nonzeros_product: float | None = None
    wacky_share: float | None = None


def kept_quality(mark: str, folder: Path | None = None) -> list[Figures] | None:
    """The figures of the model with that stamp and of its peers; None where it was never measured.

    Those in `folder`; without one those on the shop's queries.
    """
    for file in (folder / FILE,) if folder else (SHIPPED / FILE, home() / "relevance" / mark / FILE):
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            if found["stamp"] == mark:
                return [Figures.model_validate(row) for row in found["rows"]]
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            continue  # not there, or half of it: measured again
    return None


def keep_quality(folder: Path, mark: str, rows: Sequence[dict[str, Any]]) -> Path:
    """Writes rows as `relevance evaluate --json` gives them."""
    figures = [Figures.model_validate(row).model_dump() for row in rows]
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / FILE, json.dumps({"stamp": mark, "rows": figures}, indent=1) + "\n")
    return folder / FILE


def quality_words(rows: Sequence[Figures]) -> list[str]:
    """What the figures say, for a person who never read a paper on ranking."""
    bm25 = next((row for row in rows if row.model == "bm25"), None)
    own = next((row for row in rows if row.model.startswith("deepbow")), None)
    if own is None or bm25 is None:
        return []
    said = [_against(own, bm25)]
    said.append(f"A bad hit is told from a good one with an AUC of {own.auc:.3f} (one half is guessing, 1 is perfect).")
    if own.wacky_share is not None:
        supported = 100 * (1 - own.wacky_share)
        said.append(f"{supported:.0f} % of the words that it adds to titles have a judgement behind them.")
    return said


def _against(own: Figures, bm25: Figures) -> str:
    said = (
        f"The order of the first ten is worth {own.ndcg_at_10:.3f} of the best possible, BM25's {bm25.ndcg_at_10:.3f}"
    )
    if own.against_bm25 is None:
        return said + "."
    step, low, high = own.against_bm25
    sure = "" if low > 0 or high < 0 else "; so small a difference may be chance"
    return f"{said}: {step:+.3f} (95 % interval {low:+.3f} to {high:+.3f}{sure}).".replace("-", "−")
