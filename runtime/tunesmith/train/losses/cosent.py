"""CoSENT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.contracts.loss import LossFunction
from tunesmith.members import Example, Loss
from tunesmith.options import Real

if TYPE_CHECKING:
    import torch

MEMBER = Loss(
    name="cosent",
    help="Whether pairs with a higher score have a higher similarity, over all pairs of the batch.",
    when="Pairs of texts with a score: only the order of the scores counts, so their scale does not matter. To learn "
    "the scores themselves take mean-squared-error.",
    options={
        "temperature": Real(
            0.05,
            above=0,
            help="What differences of similarities are divided by.",
            advice="0.05 (the scale 20 of others).",
        ),
    },
    formula="ln(1 + sum over i, j with score i > score j of exp((s_j - s_i) / temperature)), s the cosine "
    "similarities; every row of the batch gets this value",
    source="Su 2022, https://kexue.fm/archives/8847; Huang et al. 2024, doi:10.1109/TASLP.2024.3402087",
    range="0 to infinity; ln(1 + n) where n ordered pairs look alike",
    targets=("similarity",),
    worked=(
        Example(
            inputs={"prediction": [0.5, 0.5], "target": [1.0, 0.0]},
            value=[0.69314718, 0.69314718],
            says="one ordered pair, alike: ln 2",
        ),
        Example(
            inputs={"prediction": [0.9, 0.8, 0.2], "target": [1.0, 0.5, 0.5]},
            value=[0.12692874, 0.12692874, 0.12692874],
            says="ln(1 + e^-2 + e^-14): the last two have equal scores and are not compared",
        ),
    ),
)


def build(*, temperature: float) -> LossFunction:
    """The loss of the whole batch, at each of its rows."""
    import torch

    def loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        similarity, score = prediction.float().flatten() / temperature, target.float().flatten()
        is_ordered = score[:, None] > score[None, :]
        differences = (similarity[None, :] - similarity[:, None]).masked_fill(~is_ordered, -torch.inf)
        nothing = differences.new_zeros(1)  # e^0 = 1
        return torch.logsumexp(torch.cat([nothing, differences.flatten()]), dim=0).expand(target.shape)

    return loss
