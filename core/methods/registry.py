"""Every method with what it promises, costs and where it fails: makes the page's menu, the choices of `--method` and
the README's table. Imports no torch, so that pages may read it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.methods import config as c


class MethodCard(BaseModel):
    """One method in words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    title: str
    needs: Literal["losses", "gradients"]
    guarantee: str  # a sentence: what it guarantees
    cost: str  # a sentence: what it costs, × a plain step, measured at 4 tasks
    fails: str  # a sentence: when it fails
    formula: str  # LaTeX
    source: str  # paper, year, section
    config: type[BaseModel]


_LOSSES = "One backward, like a plain step: 1.0 ×."
_GRADIENTS = "One backward a task: 2.2 to 2.7 × a plain step at four tasks."

_CARDS = (
    MethodCard(
        kind="nmt",
        title="NMT",
        needs="losses",
        guarantee="A more important task stays within its tolerance while a less important one improves.",
        cost="One backward, like a plain step, but one stage a task: 1.0 × a step.",
        fails="With zero tolerance, or a bound that only over-fitting can meet, multipliers grow without end.",
        formula=r"\theta \leftarrow \theta - \eta\,\nabla\,\frac{L_k + \sum_{i<k} \lambda_i L_i}{1 + \sum \lambda_i},"
        r"\quad \lambda_i \leftarrow \max(0, \lambda_i + \eta_\lambda (L_i - c_i))",
        source="No More Tuning, arXiv 2412.12092, 2024, §3",
        config=c.NMTConfig,
    ),
    MethodCard(
        kind="weighted_sum",
        title="Weighted sum",
        needs="losses",
        guarantee="It ends at a point that no other beats in the weighted sum, as far as descent finds it.",
        cost="This is the plain step: 1.0 ×.",
        fails="Weights are guesses, and no weights reach the inside of a concave front.",
        formula=r"d = \sum_k w_k g_k",
        source="The plain way; see Caruana 1997",
        config=c.WeightedSumConfig,
    ),
    MethodCard(
        kind="single_task",
        title="One task",
        needs="losses",
        guarantee="Nothing but the first task of the order is trained, so nothing can disturb it.",
        cost="One backward of one task: 1.0 × or less.",
        fails="It learns nothing from other tasks' labels, which is what sparse tasks live on.",
        formula=r"d = g_1",
        source="The baseline of every paper here",
        config=c.SingleTaskConfig,
    ),
    MethodCard(
        kind="cograd",
        title="CoGrad",
        needs="gradients",
        guarantee="To first order it descends the losses and raises the transference between tasks at once.",
        cost="About 2.6 × a plain step with the diagonal curvature; exact and lookahead ask the batch again.",
        fails="With γ too small its correction is numerically nothing; with γ too large it outweighs the gradients.",
        formula=r"\hat g_i = g_i - \sum_{j \neq i} \gamma_j\, g_i \odot g_i \odot g_j",
        source="CoGrad, arXiv 2303.05847, 2023",
        config=c.CoGradConfig,
    ),
    MethodCard(
        kind="uncertainty",
        title="Uncertainty weighting",
        needs="losses",
        guarantee="At rest each weight is the inverse of its task's loss.",
        cost=_LOSSES,
        fails="It favours tasks with small losses, whether or not they matter, and ignores conflict.",
        formula=r"w_k = \tfrac12 e^{-s_k},\quad \min_s \sum_k \tfrac12 e^{-s_k} L_k + \tfrac12 s_k",
        source="Kendall et al., CVPR 2018, §3",
        config=c.UncertaintyConfig,
    ),
    MethodCard(
        kind="imtl_l",
        title="IMTL-L",
        needs="losses",
        guarantee="Scaled losses move to a common size.",
        cost=_LOSSES,
        fails="As uncertainty weighting, to which it is almost equal.",
        formula=r"w_k = e^{s_k},\quad \min_s \sum_k e^{s_k} L_k - s_k",
        source="Liu et al., ICLR 2021, §3.2",
        config=c.IMTLLConfig,
    ),
    MethodCard(
        kind="dwa",
        title="Dynamic weight average",
        needs="losses",
        guarantee="A loss that falls more slowly than the others gets more weight.",
        cost=_LOSSES,
        fails="A loss that cannot fall any further, or only jitters, takes the weight.",
        formula=r"w_k \propto \exp\!\big(\tfrac{L_k(t-1)}{L_k(t-2)} / T\big)",
        source="Liu et al., CVPR 2019, §3.2",
        config=c.DWAConfig,
    ),
    MethodCard(
        kind="famo",
        title="FAMO",
        needs="losses",
        guarantee="All losses fall at about the same relative rate.",
        cost="One backward and one more forward: about 1.4 × a plain step.",
        fails="Equal relative progress is not what you want when one task matters more.",
        formula=r"w_k \propto \frac{z_k}{L_k},\quad z = \mathrm{softmax}(\xi)",
        source="Liu et al., NeurIPS 2023, algorithm 1",
        config=c.FAMOConfig,
    ),
    MethodCard(
        kind="stch",
        title="Smooth Tchebycheff",
        needs="losses",
        guarantee="Any point of the front can be reached, concave parts included, as μ goes to zero.",
        cost=_LOSSES,
        fails="One task that cannot improve holds all others back; a small μ makes weights jump.",
        formula=r"\min\ \mu \log \sum_k \exp(\lambda_k L_k / \mu)",
        source="Lin et al., ICML 2024, §3",
        config=c.STCHConfig,
    ),
    MethodCard(
        kind="geometric_mean",
        title="Geometric mean",
        needs="losses",
        guarantee="The result does not depend on the losses' units.",
        cost=_LOSSES,
        fails="A loss near zero takes all the weight.",
        formula=r"\min\ \big(\textstyle\prod_k L_k\big)^{1/K}",
        source="Chennupati et al., CVPR workshops 2019",
        config=c.GeometricMeanConfig,
    ),
    MethodCard(
        kind="gradnorm",
        title="GradNorm",
        needs="gradients",
        guarantee="Weighted gradients move to a common length, longer for a task that lags.",
        cost=_GRADIENTS,
        fails="Length is balanced, direction is not: two opposed gradients stay opposed.",
        formula=r"\min_w \sum_k \big|\, w_k |g_k| - \bar n\, r_k^\alpha \,\big|",
        source="Chen et al., ICML 2018, §3",
        config=c.GradNormConfig,
    ),
    MethodCard(
        kind="metabalance",
        title="MetaBalance",
        needs="gradients",
        guarantee="No auxiliary gradient outweighs the most important task's in any part of the network.",
        cost=_GRADIENTS,
        fails="Only lengths change, so a conflict in direction remains; it needs a target task.",
        formula=r"g_k \leftarrow r\,\tfrac{m_1}{m_k} g_k + (1 - r)\, g_k",
        source="He et al., WWW 2022, §3",
        config=c.MetaBalanceConfig,
    ),
    MethodCard(
        kind="pcgrad",
        title="PCGrad",
        needs="gradients",
        guarantee="With two tasks the update lowers both losses to first order.",
        cost=_GRADIENTS,
        fails="With three or more tasks conflict may remain, and the result depends on a random order.",
        formula=r"g_i \leftarrow g_i - \frac{\min(0,\, g_i \cdot g_j)}{|g_j|^2}\, g_j",
        source="Yu et al., NeurIPS 2020, algorithm 1",
        config=c.PCGradConfig,
    ),
    MethodCard(
        kind="gradvac",
        title="GradVac",
        needs="gradients",
        guarantee="Each pair of gradients is brought at least to the cosine that it usually has.",
        cost=_GRADIENTS,
        fails="What is usual may itself be noise or conflict; it keeps a memory that lags behind.",
        formula=r"g_i \leftarrow g_i + w_{ij}\, g_j \ \text{ so that } \cos(g_i, g_j) = \hat\phi_{ij}",
        source="Wang et al., ICLR 2021, §3",
        config=c.GradVacConfig,
    ),
    MethodCard(
        kind="graddrop",
        title="GradDrop",
        needs="gradients",
        guarantee="In each coordinate only gradients of one sign are added.",
        cost="About 2.7 × a plain step: it looks at every coordinate of every task.",
        fails="The sign is drawn at random, so that a step is noisy, and no loss is promised to fall.",
        formula=r"P = \tfrac12 \Big(1 + \frac{\sum_k g_k}{\sum_k |g_k|}\Big)",
        source="Chen et al., NeurIPS 2020, algorithm 1",
        config=c.GradDropConfig,
    ),
    MethodCard(
        kind="cagrad",
        title="CAGrad",
        needs="gradients",
        guarantee="The best progress of the worst-off task within a ball around the mean gradient.",
        cost=_GRADIENTS,
        fails="The worst-off task is judged by the length of its gradient, so scales matter.",
        formula=r"\max_d \min_k\ g_k \cdot d \quad \text{s.t. } |d - g_0| \le c\,|g_0|",
        source="Liu et al., NeurIPS 2021, algorithm 1",
        config=c.CAGradConfig,
    ),
    MethodCard(
        kind="mgda",
        title="MGDA",
        needs="gradients",
        guarantee="Every loss falls to first order, or the point is Pareto-stationary and the update is zero.",
        cost=_GRADIENTS,
        fails="The shortest gradient decides, so a task that has converged holds the others back.",
        formula=r"d = \arg\min_{d \in \mathrm{conv}\{g_k\}} |d|",
        source="Sener & Koltun, NeurIPS 2018, algorithm 2",
        config=c.MGDAConfig,
    ),
    MethodCard(
        kind="imtl_g",
        title="IMTL-G",
        needs="gradients",
        guarantee="The update has the same projection on every task's gradient.",
        cost=_GRADIENTS,
        fails="Weights may be negative or huge when gradients are almost dependent.",
        formula=r"d \cdot \frac{g_i}{|g_i|} = d \cdot \frac{g_j}{|g_j|} \quad \forall i, j",
        source="Liu et al., ICLR 2021, §3.1",
        config=c.IMTLGConfig,
    ),
    MethodCard(
        kind="nash_mtl",
        title="Nash-MTL",
        needs="gradients",
        guarantee="Every loss falls to first order, and no loss's unit matters for the direction.",
        cost=_GRADIENTS,
        fails="Near a stationary point, where gradients are almost dependent, weights become large.",
        formula=r"G\,w = 1/w",
        source="Navon et al., ICML 2022, §3",
        config=c.NashConfig,
    ),
    MethodCard(
        kind="aligned_mtl",
        title="Aligned-MTL",
        needs="gradients",
        guarantee="The system of gradients has condition number one, so that no direction dominates.",
        cost=_GRADIENTS,
        fails="Scaled by the smallest component, the step shrinks when two tasks almost agree.",
        formula=r"d = \tfrac1K \sum_k \hat g_k,\quad \hat g = \sigma_{\min}\, U V^\top",
        source="Senushkin et al., CVPR 2023, algorithm 1",
        config=c.AlignedConfig,
    ),
    MethodCard(
        kind="config",
        title="ConFIG",
        needs="gradients",
        guarantee="The update has the same positive cosine with every gradient, so that every loss falls.",
        cost=_GRADIENTS,
        fails="With opposed gradients the common direction is nearly at right angles to all, and progress stops.",
        formula=r"d \propto \hat G^{+} \mathbf 1,\quad |d| = \textstyle\sum_k g_k \cdot \hat d",
        source="Liu et al., ICLR 2025, equation 2",
        config=c.ConFIGConfig,
    ),
    MethodCard(
        kind="upgrad",
        title="UPGrad",
        needs="gradients",
        guarantee="No loss rises to first order, and longer gradients count for more.",
        cost=_GRADIENTS,
        fails="It solves a quadratic program for each task at each step, and noise in gradients looks like conflict.",
        formula=r"d = \sum_k \pi(g_k),\quad \pi \text{ onto } \{d : g_j \cdot d \ge 0\ \forall j\}",
        source="Quinton & Rey, arXiv 2406.16232, 2024, §3",
        config=c.UPGradConfig,
    ),
    MethodCard(
        kind="dualproj",
        title="DualProj",
        needs="gradients",
        guarantee="No loss rises to first order, and the update is the nearest such one to the plain sum.",
        cost=_GRADIENTS,
        fails="The longest gradient decides the sum that is projected, so scales matter.",
        formula=r"d = \pi\big(\textstyle\sum_k g_k\big)",
        source="Lopez-Paz & Ranzato, NeurIPS 2017, equation 11",
        config=c.DualProjConfig,
    ),
    MethodCard(
        kind="pcd",
        title="PCD",
        needs="gradients",
        guarantee="Each other task makes at least the promised progress; the most important task decides the rest.",
        cost=_GRADIENTS,
        fails="Promises are to first order and for one batch; where not all can be kept, all are dropped.",
        formula=r"\min_d |d - \tilde g_1|^2 \quad \text{s.t. } \tilde g_k \cdot d \ge \tau\,|\tilde g_k|^2",
        source="Priority-constrained descent, TMLR 2026, arXiv 2606.29521",
        config=c.PCDConfig,
    ),
)

METHODS: dict[str, MethodCard] = {card.kind: card for card in _CARDS}
"""By the config's `kind`, NMT first."""
