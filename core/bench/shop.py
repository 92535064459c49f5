"""python -m core bench shop: that behaviour in the simulated shop has causes, shown before any network is trained.

Regressions (`shop_regressions`): what kinds of events and what the query add to counting, in AUC, on days that were not
trained on. Tables of the events: what a purchase does to its own category and to its companions, how soon a cart is
bought, how long a bookmark and a click lead back, how far tastes drift. And the tension of relevance and clicks at
three strengths of conflict.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.bench.shop_regressions import RELATIONS, level_features, query_features, relation_features
from core.bench.shop_tables import aftermath, carts, drift, returns
from core.data.parquet import Array
from core.data.registry import read_histories
from core.data.sources.shop.files import make_shop
from core.data.sources.shop.impressions import make_impressions
from core.data.sources.shop_histories import ask_shop

TASKS = {"ctr": "click", "l2r": "ranked", "ppp": "next_level", "follow": "follows_brand", "shop": "prefers_shop"}
TRAIN = 0  # split
PENALTY = 0.003  # inverse strength of the ridge of a logistic regression on standardised features
RESAMPLES = 100
STRENGTHS = (0.0, 0.7, 1.0)


def measure(moments: int, all_relations: bool) -> dict[str, list[dict[str, Any]]]:
    """Every table, by name; `moments`: so many searches and visits drawn at random, 0 for all."""
    shop = make_shop()
    return {
        "regressions": regressions(moments, RELATIONS if all_relations else ("category",)),
        "aftermath": aftermath(shop),
        "carts": carts(shop),
        "returns": returns(shop),
        "drift": drift(shop),
        "conflict": [tension(shop, strength) for strength in STRENGTHS],
    }


def regressions(moments: int, relations: tuple[str, ...] = ("category",)) -> list[dict[str, Any]]:
    """A row a question: AUC of counting, with kinds, and on searches with the query; gains with 95 % intervals."""
    histories = read_histories("shop_histories")
    questions = ask_shop(histories)
    random = np.random.default_rng(0)
    chosen = np.arange(len(questions.user))
    if moments and moments < len(chosen):
        chosen = np.sort(random.choice(chosen, moments, replace=False))
    asked = np.isin(questions.moment, chosen)
    search = questions.query[questions.moment] < len(questions.texts) - 1
    found = []
    for task, label in TASKS.items():
        answer = questions.answers[label]
        rows = np.flatnonzero(asked & ~np.isnan(answer))
        if task == "ppp":
            rows = rows[np.r_[True, np.diff(questions.moment[rows]) > 0]]  # one answer a moment
            features = [level_features(histories, questions, rows, kinds) for kinds in (False, True)]
        else:
            features = [relation_features(histories, questions, rows, relations, kinds) for kinds in (False, True)]
        found.append(_compared(task, ("without_kinds", "with_kinds"), features, answer[rows], questions, rows))
    rows = np.flatnonzero(asked & search)
    features = [query_features(histories, questions, rows, query) for query in (False, True)]
    answer = questions.answers["click"][rows]
    found.append(_compared("ctr of searches", ("without_query", "with_query"), features, answer, questions, rows))
    return found


def _compared(
    name: str, arms: tuple[str, str], features: list[Array], answer: Array, questions: Any, rows: Array
) -> dict[str, Any]:
    part = questions.split[questions.moment[rows]]
    user = questions.user[questions.moment[rows]][part != TRAIN]
    scores = [_scores(each, answer, part) for each in features]
    truth = answer[part != TRAIN].astype(int)
    plain, better = (_auc(truth, score) for score in scores)
    low, high = _interval(truth, scores, user)
    counted = {"task": name, "rows": len(rows), "judged": len(truth), "share": round(float((answer > 0).mean()), 4)}
    gained = {"gain": round(better - plain, 4), "low": round(low, 4), "high": round(high, 4)}
    return counted | {arms[0]: round(plain, 4), arms[1]: round(better, 4)} | gained


def _scores(features: Array, answer: Array, part: Array) -> Array:
    """[n, classes] probabilities of the rows of validation and test by a logistic regression on the training rows."""
    from sklearn.linear_model import LogisticRegression

    train = part == TRAIN
    mean, spread = features[train].mean(axis=0), features[train].std(axis=0)
    scaled = (features - mean) / np.where(spread > 0, spread, 1)
    model = LogisticRegression(C=PENALTY, max_iter=300).fit(scaled[train], answer[train].astype(int))
    return model.predict_proba(scaled[part != TRAIN])


def _auc(truth: Array, score: Array) -> float:
    """Area under the curve; of more than two classes the mean over classes, each against the rest."""
    from sklearn.metrics import roc_auc_score

    if score.shape[1] == 2:
        return float(roc_auc_score(truth, score[:, 1]))
    return float(np.mean([roc_auc_score(truth == level, score[:, level]) for level in range(score.shape[1])]))


def _interval(truth: Array, scores: list[Array], user: Array) -> tuple[float, float]:
    """95 % interval of the gain: users drawn again with replacement."""
    random = np.random.default_rng(1)
    order = np.argsort(user, kind="stable")
    borders = np.searchsorted(user[order], np.arange(int(user.max()) + 2))
    gains = []
    for _ in range(RESAMPLES):
        drawn = random.integers(0, len(borders) - 1, len(borders) - 1)
        rows = np.concatenate([order[borders[each] : borders[each + 1]] for each in drawn])
        gains.append(_auc(truth[rows], scores[1][rows]) - _auc(truth[rows], scores[0][rows]))
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)


def tension(shop: Any, strength: float) -> dict[str, float]:
    """How relevance and clicks go together in the judged rows at one strength of conflict."""
    shown = make_impressions(shop.world, shop.users, shop.queries, shop.past, strength)
    judged = shown.relevant >= 0
    relevant, click = shown.relevant[judged], shown.click[judged]
    return {
        "conflict": strength,
        "correlation": round(float(np.corrcoef(relevant, click)[0, 1]), 3),
        "clicks_of_relevant": round(float(click[relevant == 1].mean()), 4),
        "clicks_of_others": round(float(click[relevant == 0].mean()), 4),
        "clicks": round(float(shown.click.mean()), 4),
    }
