"""Which weights each method tunes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from seq2seq_folders import save_folder
from tunesmith.catalog import Catalog
from tunesmith.contracts.model import Head, LoadedModel, ModelRequest
from tunesmith.errors import TunesmithError
from tunesmith.methods.parts.model_parts import model_parts, part_phrases
from tunesmith.models.load import load_model
from tunesmith.tasks.parts.texts import text_head

LABELS = text_head(outputs=2, labels=("a", "b"), problem="single_label_classification")


@pytest.fixture
def bert(tiny_bert: Path) -> LoadedModel:
    return load_model(
        "transformers", ModelRequest(name=str(tiny_bert), options={}, head=LABELS, folder=Path(), seed=1), Catalog()
    )


def tuned(loaded: LoadedModel) -> set[str]:
    return {name for name, parameter in loaded.module.named_parameters() if parameter.requires_grad}


def apply(name: str, loaded: LoadedModel, **options: object) -> LoadedModel:
    """As a job does: every option, those not given at their default."""
    entry = Catalog().methods[name]
    defaults = {key: option.default for key, option in entry.member.options.items()}
    found: LoadedModel = entry.call("apply", loaded, seed=1, **{**defaults, **options})
    return found


def perceptron() -> LoadedModel:
    from torch import nn

    torch.manual_seed(0)
    return LoadedModel(
        module=nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 4), nn.Linear(4, 3)), kind="module"
    )


def test_full_tunes_everything(bert: LoadedModel) -> None:
    assert len(tuned(apply("full", bert))) == len(list(bert.module.parameters()))


def test_head_tunes_the_head_alone(bert: LoadedModel) -> None:
    assert tuned(apply("head", bert)) == {"classifier.weight", "classifier.bias"}
    assert tuned(apply("head", perceptron())) == {"3.weight", "3.bias"}


def test_freeze_keeps_embeddings_and_first_layers(bert: LoadedModel) -> None:
    names = tuned(apply("freeze", bert, layers=1))
    assert not any("embeddings" in name or ".layer.0." in name for name in names)
    assert any(".layer.1." in name for name in names)
    assert "classifier.weight" in names
    assert any("embeddings" in name for name in tuned(apply("freeze", bert, layers=1, embeddings=False)))
    assert tuned(apply("freeze", perceptron(), layers=0, names="^0")) == {"2.weight", "2.bias", "3.weight", "3.bias"}


def test_freeze_says_what_is_wrong(bert: LoadedModel) -> None:
    for options, code in (
        ({"layers": 9}, "method.no-such-layers"),
        ({"layers": 0, "names": "("}, "method.bad-pattern"),
        ({"layers": 0, "names": "nothing-like-it"}, "method.bad-pattern"),
    ):
        with pytest.raises(TunesmithError) as caught:
            apply("freeze", bert, **options)
        assert caught.value.code == code


def test_lora_tunes_adapters_and_the_new_head_under_pefts_names(bert: LoadedModel) -> None:
    tokens = torch.tensor([[2, 9, 8, 3]])
    with torch.no_grad():
        before = bert.module(input_ids=tokens).logits
    wrapped = apply("lora", bert, rank=4)
    adapters = {
        f"base_model.model.bert.encoder.layer.{layer}.attention.self.{name}.lora_{part}.default.weight"
        for layer in (0, 1)
        for name in ("query", "value")
        for part in "AB"
    }
    head = {f"base_model.model.classifier.modules_to_save.default.{name}" for name in ("weight", "bias")}
    assert tuned(wrapped) == adapters | head
    with torch.no_grad():
        assert torch.allclose(wrapped.module(input_ids=tokens).logits, before, atol=1e-6), "adapters begin as no change"


def test_the_seed_alone_decides_the_adapters(tiny_bert: Path) -> None:
    found = []
    for disturbance in (0, 99):
        torch.manual_seed(disturbance)
        request = ModelRequest(name=str(tiny_bert), options={}, head=LABELS, folder=Path(), seed=1)
        wrapped = apply("lora", load_model("transformers", request, Catalog()))
        found.append(dict(wrapped.module.named_parameters()))
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


def test_an_adapter_opens_again_in_peft(bert: LoadedModel, tiny_bert: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    wrapped = apply("lora", bert, rank=4)
    for name, parameter in wrapped.module.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    wrapped.module.save_pretrained(tmp_path)
    request = ModelRequest(name=str(tiny_bert), options={}, head=LABELS, folder=Path(), seed=2)
    again = PeftModel.from_pretrained(load_model("transformers", request, Catalog()).module, tmp_path).eval()
    wrapped.module.eval()
    tokens = torch.tensor([[2, 9, 8, 3]])
    with torch.no_grad():
        assert torch.equal(again(input_ids=tokens).logits, wrapped.module(input_ids=tokens).logits)


def test_variants_of_lora(tiny_bert: Path) -> None:
    def fresh() -> LoadedModel:
        request = ModelRequest(name=str(tiny_bert), options={}, head=LABELS, folder=Path(), seed=1)
        return load_model("transformers", request, Catalog())

    dora = apply("dora", fresh())
    assert any("lora_magnitude_vector" in name for name in tuned(dora))
    rslora = apply("rslora", fresh(), rank=16, alpha=8.0)
    layer = next(
        module for name, module in rslora.module.named_modules() if name.endswith("layer.0.attention.self.query")
    )
    assert layer.scaling["default"] == pytest.approx(2.0)
    everywhere = apply("lora", fresh(), target_modules=("all-linear",))
    assert any("intermediate.dense.lora_A" in name for name in tuned(everywhere))
    own = apply("lora", perceptron(), rank=2)
    adapters = {f"base_model.model.{layer}.lora_{part}.default.weight" for layer in (0, 2) for part in "AB"}
    output_layer = {f"base_model.model.3.modules_to_save.default.{name}" for name in ("weight", "bias")}
    assert tuned(own) == adapters | output_layer
    with pytest.raises(TunesmithError, match="no-such-layers"):
        apply("lora", fresh(), target_modules=("absent",))


def parts_of(loaded: LoadedModel) -> dict[str, tuple[int, int]]:
    return {part.name: (part.weights, part.tuned) for part in model_parts(loaded)}


def test_parts_are_named_with_their_weights_and_what_of_them_is_tuned(bert: LoadedModel) -> None:
    head = 32 * 2 + 2
    rest = sum(parameter.numel() for parameter in bert.module.parameters()) - head
    assert parts_of(apply("full", bert)) == {"backbone": (rest, rest), "head": (head, head)}
    assert parts_of(apply("head", bert)) == {"backbone": (rest, 0), "head": (head, head)}
    assert list(part_phrases(model_parts(bert))) == [
        f"backbone: its {rest:,} weights stay as they are",
        f"head: all {head} weights are tuned",
    ]
    adapted = parts_of(apply("lora", bert))
    assert adapted["backbone"] == (rest, 0)
    assert adapted["head"][1] == head
    assert adapted["adapter"][0] == adapted["adapter"][1] > 0


def test_a_model_that_reads_and_writes_has_an_encoder_and_a_decoder(tmp_path: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    save_folder(tmp_path / "t5", "t5")
    head = Head(auto="AutoModelForSeq2SeqLM", reads="text", outputs=0, is_new=False)
    request = ModelRequest(name=str(tmp_path / "t5"), options={}, head=head, folder=tmp_path, seed=1)
    loaded = apply("freeze", load_model("transformers", request, Catalog()), layers=1, embeddings=False)
    own = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "t5")
    shared = own.get_input_embeddings().weight.numel()
    encoder = sum(p.numel() for p in own.get_encoder().parameters()) - shared
    decoder = sum(p.numel() for p in own.get_decoder().parameters()) - shared
    found = parts_of(loaded)
    assert (found["encoder"][0], found["decoder"]) == (encoder, (decoder, decoder))
    assert 0 < found["encoder"][1] < encoder, "its first layer is kept"
    kept = parts_of(apply("freeze", loaded, parts=("encoder",), embeddings=False))
    assert {name: tuned for name, (_, tuned) in kept.items()} == {**{n: w for n, (w, _) in found.items()}, "encoder": 0}
    also = parts_of(apply("freeze", loaded, parts=("decoder",), layers=1))
    assert (also["decoder"][1], also["encoder"][1], also["embeddings"][1]) == (0, found["encoder"][1], 0)
    with pytest.raises(TunesmithError, match="no-such-part") as refused:
        apply("freeze", loaded, parts=("backbone",))
    assert set(refused.value.problem.allowed) == {"encoder", "decoder", "embeddings"}
    assert found["embeddings"][0] >= shared
    assert sum(weights for weights, _ in found.values()) == sum(p.numel() for p in own.parameters())
