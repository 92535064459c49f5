"""Prices in words: what each bound cost, and what another tolerance is predicted to bring."""

from __future__ import annotations

from collections.abc import Mapping

from core.insight.prices import Gain, Held

_LEAST = 0.05  # a mean multiplier below this costs nothing
_VISIBLE = 0.0005  # of the loss: less is no change for a person


def describe_bounds(held: Mapping[str, Held], objective: str) -> list[str]:
    """What each bound cost, by the task's name; multipliers that were all still moving are told together."""
    moving = [name for name, one in held.items() if _still_moves(one)]
    if len(moving) < 2:
        return [describe_bound(name, one, objective) for name, one in held.items()]
    *most, last = (f"{name} ({_price(held[name])})" for name in moving)
    return [
        f"The multipliers of {', '.join(most)} and {last} were still moving when the stage of {objective} ended, so "
        "they are not stable yet; longer stages settle them.",
        *(describe_bound(name, one, objective) for name, one in held.items() if name not in moving),
    ]


def _still_moves(held: Held) -> bool:
    """Nothing else is to be said of it than that."""
    return held.multiplier > _LEAST and held.moving and not held.unsettled and not held.let_go


def _price(held: Held) -> str:
    return f"{held.multiplier:.2f} ± {held.error:.2f}"


def describe_bound(name: str, held: Held, objective: str) -> str:
    """What one bound cost the task that was trained under it, and whether that figure is a price."""
    price = _price(held)
    if held.multiplier <= _LEAST:
        return f"{name} costs {objective} nothing at this tolerance: its multiplier ended near 0."
    if held.unsettled:
        return (
            f"{name} ended well within its bound while its multiplier still stood at {price}: it had not come down "
            f"yet, so it promises {objective} too much."
        )
    if held.let_go:
        return (
            f"{name} held {objective} back until the stage's last, small steps: one unit of its loss was worth {price} "
            f"units; in the end it stopped limiting {objective}."
        )
    if _still_moves(held):
        return (
            f"The multiplier of {name} was still moving when the stage of {objective} ended ({price} on average), so "
            "it is not stable yet; longer stages settle it."
        )
    return f"{name} sits at its limit; one unit of its loss is worth {price} units of {objective}."


def describe_gain(name: str, gain: Gain, loss: float) -> str:
    """What is predicted for one lower task; `loss` is its normalised loss now."""
    low, middle, high = (100 * part / loss for part in (gain.low, gain.gain, gain.high))
    if max(abs(low), abs(high)) < 100 * _VISIBLE:
        return f"{name}: no change that could be seen."
    verb = "falls" if middle > 0 else "rises"
    least, most = sorted((low, high) if middle > 0 else (-low, -high))
    text = f"{name}: its loss {verb} by about {abs(middle):.2g} %, 90 % band {_signed(least)} to {_signed(most)} %"
    return text + (", so that even the direction is open." if least < 0 < most else ".")


def describe_trust(gain: Gain) -> str:
    """Where the figure and its band come from."""
    if gain.checks == 0:
        return (
            f"One multiplier alone says this: {100 * gain.share:.0f}\u00a0% of its promise is believed, for weight "
            "decay and the end of a stage take the rest, and how much differs from run to run. Train another "
            "tolerance, and the range narrows."
        )
    runs = "1 run" if gain.checks == 1 else f"{gain.checks} runs"
    found = f"The curve goes through {runs} trained at other tolerances"
    if gain.share <= 0:
        return f"{found}; there it went the other way than the multipliers promise, and that is believed."
    return f"{found}; of what the multipliers promise, {100 * gain.share:.0f}\u00a0% comes true there."


def _signed(value: float) -> str:
    text = f"{value:.2g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
