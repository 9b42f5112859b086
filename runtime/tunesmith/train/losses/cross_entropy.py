"""Cross-entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="cross-entropy",
    aliases=("ce",),
    help="How surprised the model is by the right class.",
    when="Each row has exactly one class, or each position one next token: the usual choice. The model must give raw "
    "outputs: no softmax before this loss.",
    options={
        "label_smoothing": Real(
            0.0,
            at_least=0,
            below=1,
            unit="share",
            help="The share of the target that is spread evenly over all classes.",
            advice="0.1 where some labels are wrong, or probabilities come out too sure.",
        )
    },
    formula="mean over targets, with p = softmax(z) and s = label_smoothing, of "
    "-(1 - s) * ln p[y] - s * (mean over classes c of ln p[c])",
    source="Bridle 1990, doi:10.1007/978-3-642-76153-9_28; smoothing: Szegedy et al. 2016, arXiv:1512.00567",
    range="0 to infinity; ln C for a model that knows nothing of C classes",
    targets=("class", "token"),
    worked=(
        Example(inputs={"prediction": [[0.0, 0.0, 0.0, 0.0]], "target": [2]}, value=[1.38629436], says="ln 4"),
        Example(
            inputs={"prediction": [[2.0, 1.0, 0.0]], "target": [0]},
            value=[0.40760596],
            says="-ln(e^2 / (e^2 + e + 1)) = -ln 0.66524",
        ),
        Example(
            inputs={"prediction": [[2.0, 1.0, 0.0]], "target": [0], "options": {"label_smoothing": 0.3}},
            value=[0.70760596],
            says="0.7 * 0.40761 + 0.3 * (0.40761 + 1.40761 + 2.40761) / 3",
        ),
    ),
)


def build(*, label_smoothing: float) -> LossFunction:
    """The cross-entropy of each class target."""
    import torch
    import torch.nn.functional as F

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        # dtype= widens bf16 inside the softmax: no second float32 copy of the logits is kept for the backward pass.
        log_p = F.log_softmax(prediction, dim=-1, dtype=torch.float32)
        surprise = F.nll_loss(log_p, target, reduction="none")
        if label_smoothing == 0:
            return surprise
        return (1 - label_smoothing) * surprise - label_smoothing * log_p.mean(-1)

    return loss
