"""What a run's gradients say: whether tasks pull apart, and whether CoGrad acts at all."""

from __future__ import annotations

import math
from statistics import NormalDist

from core.narration.story import Story, mean_of_last
from core.narration.tolerances import number

HELD = 0.05  # a mean multiplier above this is a price
_NOTHING = 1e-4  # relative length of CoGrad's correction below which it changes nothing
_RIGHT = 0.25  # a cosine known to be nearer to 0 than this is one of a right angle
_OPPOSED = -0.5  # a cosine known to be below: more than 120°
_DOUBT = 0.025  # chance of calling any pair a conflict, or all of them in agreement, by noise alone


def correction(story: Story) -> list[str]:
    """Whether CoGrad acts at all."""
    sizes = [step.correction for step in story.steps if step.correction is not None]
    if not sizes:
        return []
    size = sum(sizes[len(sizes) // 2 :]) / len(sizes[len(sizes) // 2 :])
    if size < _NOTHING:
        return [
            f"CoGrad is doing nothing here: its correction is {size:.0e} of the gradient. Raise γ, or let it be "
            f"relative to the gradients' scale."
        ]
    return [f"CoGrad's correction is {size:.1%} of the plain sum of gradients."]


def angles(story: Story) -> list[str]:
    """The pair that conflicts most, with what that means at an active constraint."""
    if story.probed is None:
        return []
    active = [task for task in story.constrained() if (mean_of_last(story.steps, "multiplier", task) or 0) > HELD]
    if active and story.probed.resting is not None:
        return [_rest(story, story.probed.resting, story.probed.resting_error or 0.0)]
    known = [
        (cosine, error or 0.0, pair)
        for cosine, error, pair in zip(story.probed.cosine, story.probed.error, story.probed.pairs, strict=True)
        if cosine is not None
    ]
    if not known:
        return []
    doubt = NormalDist().inv_cdf(1 - _DOUBT / len(known))  # the more pairs, the more one of them errs
    apart = [reading for reading in known if reading[0] + doubt * reading[1] < 0]
    if apart:
        cosine, error, (first, second) = min(apart)
        text = f"{story.name(first)} and {story.name(second)} pull apart (cosine {_cosine(cosine, error)})"
        if first in active or second in active:
            return [text + "; at an active bound that is what success looks like, not a fault."]
        return [text + ": a step for one undoes part of the other."]
    cosine, error, (first, second) = min(known)
    names = f"{story.name(first)} and {story.name(second)}"
    if len(known) == 1 and active and abs(cosine) <= doubt * error < _RIGHT:
        return [
            f"{names} stand at right angles, within the error (cosine {_cosine(cosine, error)}): at an active bound "
            "gradients oppose each other only once a model rests, and this one still learns where they do not meet."
        ]
    if all(reading[0] - doubt * reading[1] > 0 for reading in known):
        return [f"no two tasks pull apart: even {names} agree (cosine {_cosine(cosine, error)})."]
    return [
        f"whether tasks pull apart cannot be told from noise yet; the lowest reading is {names}, "
        f"cosine {_cosine(cosine, error)}."
    ]


def _rest(story: Story, cosine: float, error: float) -> str:
    """At an active bound: how far what lowers the objective and what holds the bounds oppose each other."""
    assert story.stage is not None
    lowered = " and ".join(map(story.say, story.stage.objective))
    held = " and ".join(map(story.say, story.stage.constraints))
    angle = round(math.degrees(math.acos(max(-1.0, min(1.0, cosine)))))
    said = (
        f"in the last shared layer, what lowers {lowered} and what protects {held} meet at {angle}° "
        f"(cosine {_cosine(cosine, error)})"
    )
    if cosine + error < _OPPOSED:
        return said + ": they nearly cancel, as they do at a bound that is at rest."
    return said + ": not at rest yet, which would be 180°."


def _cosine(cosine: float, error: float) -> str:
    return f"{number(cosine, '.2f')} ± {error:.2f}"
