"""Which way a metric gets better. Free of torch, for whoever only compares runs."""

from __future__ import annotations

LOWER_IS_BETTER = frozenset(
    {"loss", "log_loss", "perplexity", "bits_per_token", "mae", "mse", "rmse", "ece", "max_error"}
)


def is_better(metric: str, value: float, than: float | None) -> bool:
    """Whether `value` beats `than` (None: nothing yet). NaN beats nothing."""
    if value != value:
        return False
    if than is None or than != than:
        return True
    return value < than if metric in LOWER_IS_BETTER else value > than
