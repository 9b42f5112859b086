"""The names of torch and its companions that the rules know, by the role of what they make."""

from __future__ import annotations

import re

ADAPTIVE = frozenset({"Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adafactor", "SparseAdam", "Lion", "AdamWScale"})
OPTIMIZERS = ADAPTIVE | {"SGD", "RMSprop", "Rprop", "Adagrad", "Adadelta", "ASGD", "LBFGS", "Muon"}
NORMS = frozenset({f"{kind}Norm{size}d" for kind in ("Batch", "LazyBatch") for size in (1, 2, 3)} | {"SyncBatchNorm"})
DROPOUTS = frozenset({"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"})
PARAMETRIC = frozenset(
    {
        *("Linear", "Bilinear", "LazyLinear", "Embedding", "EmbeddingBag", "LSTM", "GRU", "RNN", "LSTMCell", "GRUCell"),
        *("Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "LayerNorm"),
        *("GroupNorm", "MultiheadAttention", "Transformer", "TransformerEncoderLayer", "TransformerDecoderLayer"),
        *("TransformerEncoder", "TransformerDecoder", "PReLU", "Sequential", "RMSNorm"),
        *NORMS,
    }
)
# What behaves otherwise when it trains.
MODAL = NORMS | DROPOUTS | {"Transformer", "TransformerEncoderLayer", "TransformerDecoderLayer", "MultiheadAttention"}
RECURRENT = frozenset({"LSTM", "GRU", "RNN"})  # only with dropout= between their layers
TRAINING_ARGUMENTS = ("transformers.TrainingArguments", "transformers.Seq2SeqTrainingArguments")
_MOVES = (
    ("torch.nn.modules.", re.compile(r"^torch\.nn\.modules\.(?:\w+\.)?(\w+)$"), r"torch.nn.\1"),
    ("torch.optim.", re.compile(r"^torch\.optim\.(?!lr_scheduler\b)\w+\.(\w+)$"), r"torch.optim.\1"),
    ("torch.utils.data.", re.compile(r"^torch\.utils\.data\.\w+\.(\w+)$"), r"torch.utils.data.\1"),
)
_SCHEDULERS = re.compile(r"^(?:torch\.optim\.lr_scheduler\.\w+|transformers\.(?:optimization\.)?get_\w*schedule\w*)$")
_LOADED = re.compile(r"\.from_pretrained$|^torchvision\.models\.\w|^timm\.create_model$|^torch\.hub\.load$")
_WRAPPERS = frozenset({"torch.compile", "torch.jit.script", "copy.deepcopy"})


def canonical(name: str) -> str:
    """The public dotted name: `torch.nn.modules.loss.L1Loss` is `torch.nn.L1Loss`."""
    for start, pattern, new in _MOVES:
        if name.startswith(start):
            return pattern.sub(new, name)
    return name


def role(made_by: str) -> str:
    """What a call of the dotted name gives: optimizer, scheduler, loss, module, loader or tensor; "" if unknown."""
    parent, _, last = made_by.rpartition(".")
    if last in OPTIMIZERS and parent in ("torch.optim", "transformers", "bitsandbytes.optim", "timm.optim"):
        return "optimizer"
    if made_by == "torch.optim.Optimizer":
        return "optimizer"
    if _SCHEDULERS.match(made_by):
        return "scheduler"
    if made_by == "torch.utils.data.DataLoader":
        return "loader"
    if parent == "torch.nn" and last[:1].isupper():
        return {"Parameter": "tensor"}.get(last, "loss" if last.endswith("Loss") else "module")
    if _LOADED.search(made_by) and (last != "from_pretrained" or "Model" in made_by or "For" in made_by):
        return "module"
    if made_by == "torch.Tensor" or parent == "torch.nn.functional":
        return "tensor"
    if parent in ("torch", "torch.special") and last in TENSOR_FUNCTIONS:
        return "tensor"
    return ""


def keeps_its_argument(name: str) -> bool:
    """Whether a call of `name` gives its first argument back, wrapped."""
    return name in _WRAPPERS


TENSOR_FUNCTIONS = frozenset(
    {
        *("tensor", "as_tensor", "from_numpy", "zeros", "ones", "empty", "full", "rand", "randn", "randint"),
        *("arange", "linspace", "eye", "zeros_like", "ones_like", "empty_like", "full_like", "rand_like"),
        *("randn_like", "randperm", "cat", "stack", "concat", "matmul", "mm", "bmm", "einsum", "softmax"),
        *("log_softmax", "sigmoid", "tanh", "relu", "exp", "log", "sqrt", "abs", "mean", "sum", "argmax"),
        *("argmin", "where", "clamp", "flatten", "reshape", "squeeze", "unsqueeze", "permute", "transpose"),
        *("norm", "add", "mul", "sub", "div", "pow", "logsumexp", "gather", "index_select", "masked_select"),
        *("normal", "bernoulli", "multinomial"),
    }
)
