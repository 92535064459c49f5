"""A trained point of an order in words: what relevance gives up, what its aim gains."""

from __future__ import annotations

from core.relevance.order.fronts import Front, Point


def label(tolerance: float) -> str:
    """A place of the slider."""
    return "Relevance alone" if not tolerance else f"may lose {short(tolerance)} NDCG@10"


def sentence(front: Front, point: Point | None) -> str:
    """What a point comes to on the judged products of the test queries; without one, what relevance alone does."""
    average = f"{'typical' if front.mean == 'typical' else 'mean'} {front.counted}"
    of = f"Judged products of {front.queries} test queries, first ten"
    if point is None:
        return f"{of}: NDCG@10 {short(front.ndcg)}, {average} {amount(front.amount)}."
    if not point.weight:
        return f"Nothing can be gained for {front.title} within {short(point.tolerance)} NDCG@10: the order stays."
    more = -point.ndcg_change > point.tolerance + point.ndcg_error
    return (
        f"{of}: NDCG@10 {short(front.ndcg)} → {short(point.ndcg)} "
        f"({signed(point.ndcg_change)} ± {short(point.ndcg_error)}), "
        f"{average} {amount(front.amount)} → {amount(point.amount)} "
        f"({sign_of(point.gain)}{abs(100 * point.gain):.0f} ± {100 * point.gain_error:.0f} %)"
        + (f"; that is more than the {short(point.tolerance)} of the queries it was trained on." if more else ".")
    )


def short(value: float) -> str:
    """.01 for 0.01, three decimals at most."""
    return f"{value:.3f}".rstrip("0").removeprefix("0").rstrip(".") or "0"


def signed(change: float) -> str:
    return f"{sign_of(change)}{short(abs(change))}"


def sign_of(value: float) -> str:
    return "−" if value < 0 else "+"


def amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
