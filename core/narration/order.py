"""A trained point of an order in words: what relevance gives up, what its aim gains."""

from __future__ import annotations

from core.relevance.order.fronts import Front, Point


def label(tolerance: float) -> str:
    """A place of the slider."""
    return "Relevance alone" if not tolerance else f"may lose {short(tolerance)}"


def sentence(front: Front, point: Point | None) -> str:
    """What a point comes to on the judged products of the test queries; without one, what relevance alone does."""
    of = f"over the judged products of {front.queries} test queries"
    typical = "typical" if front.mean == "typical" else "mean"
    if point is None:
        return f"NDCG@10 {front.ndcg:.3f} {of}; {typical} {front.counted} of the first ten {amount(front.amount)}."
    if not point.weight:
        return f"Nothing can be gained for {front.title} within {short(point.tolerance)} NDCG@10 {of}: the order stays."
    more = -point.ndcg_change > point.tolerance + point.ndcg_error
    return (
        f"NDCG@10 {front.ndcg:.3f} → {point.ndcg:.3f} ({signed(point.ndcg_change)} ± {short(point.ndcg_error)}) and "
        f"{typical} {front.counted} of the first ten {amount(front.amount)} → {amount(point.amount)} "
        f"({signed(100 * point.gain, 0)} ± {100 * point.gain_error:.0f} %), {of}"
        f"{', which lose more than those it was trained on' if more else ''}."
    )


def short(value: float) -> str:
    """.01 for 0.01."""
    return f"{value:.3f}".rstrip("0").removeprefix("0") or "0"


def signed(value: float, decimals: int = 3) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−")


def amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
