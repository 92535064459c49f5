"""The settings that single methods have, NMT's apart."""

from __future__ import annotations

from pages.settings.setting_list import YES_NO, Setting


def _number(path: str, label: str, help: str, high: float, step: float, *methods: str, low: float = 0.0) -> Setting:
    return Setting(
        f"method.{path}", label, help, "Method", low=low, high=high, step=step, shape="%.4f", methods=methods
    )


OF_METHODS: tuple[Setting, ...] = (
    Setting(
        "method.curvature",
        "Curvature",
        "How the change of a gradient along another is estimated; the paper's is the diagonal.",
        "Method",
        choices={
            "diagonal": "diagonal, the paper's",
            "fisher_diagonal": "diagonal of a running second moment",
            "exact": "exact, asks the batch again",
            "lookahead": "by a step ahead, asks the batch again",
        },
        methods=("cograd",),
    ),
    _number("gamma", "Strength γ", "How far each gradient is bent by what the others will do.", 1e9, 0.1, "cograd"),
    Setting(
        "method.normalise",
        "Relative to scale",
        "CoGrad: γ relative to the gradients' scale. Smooth Tchebycheff: losses divided by those of the best constant.",
        "Method",
        choices=YES_NO,
        methods=("cograd", "stch"),
    ),
    _number(
        "decay",
        "Memory",
        "Share of a running mean that stays at each step.",
        0.9999,
        0.01,
        *("cograd", "gradvac", "pcd", "metabalance"),
    ),
    Setting(
        "method.decay",
        "Pull back to equal weights",
        "As weight decay on the weights' own optimiser.",
        "Method",
        low=0.0,
        high=100.0,
        step=0.001,
        shape="%.4f",
        methods=("famo",),
    ),
    _number(
        "rate",
        "Learning rate of the weights",
        "How fast the method moves its own weights.",
        10.0,
        0.005,
        *("uncertainty", "imtl_l", "famo", "gradnorm"),
        low=1e-6,
    ),
    _number("temperature", "Temperature", "High: all tasks weigh alike.", 1e6, 0.5, "dwa", low=1e-6),
    Setting(
        "method.interval",
        "Steps a reading",
        "Losses are averaged over so many steps before they are compared.",
        "Method",
        low=1,
        high=1_000_000,
        step=10,
        methods=("dwa",),
    ),
    _number("smoothness", "Smoothness μ", "Small: only the worst task counts.", 1e6, 0.05, "stch", low=1e-6),
    _number("restoring", "Restoring force α", "How strongly a task that lags is pulled up.", 100.0, 0.1, "gradnorm"),
    _number("radius", "Radius", "How far from the mean gradient, as a share of its length.", 0.9999, 0.1, "cagrad"),
    Setting(
        "method.scale",
        "Common scale",
        "To which singular value the others are brought.",
        "Method",
        choices={"min": "the smallest", "median": "the median", "rmse": "the root mean square"},
        methods=("aligned_mtl",),
    ),
    _number("promise", "Promised progress τ", "Share of its own progress kept for each other task.", 1.0, 0.01, "pcd"),
    Setting(
        "method.strategy",
        "Which lengths change",
        "Longer auxiliary gradients are shortened, shorter ones lengthened, or both.",
        "Method",
        choices={"both": "both", "reduce": "shorten the longer", "enlarge": "lengthen the shorter"},
        methods=("metabalance",),
    ),
    _number("relax", "Balance r", "0 leaves the gradient, 1 gives it the other's length.", 1.0, 0.1, "metabalance"),
)
