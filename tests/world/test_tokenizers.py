"""Token ids are those of transformers' own tokenizer for the same folder, whatever kind it is and whatever it says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tunesmith.confined import Confined
from tunesmith.errors import TunesmithError
from tunesmith.models import _tokenizers
from tunesmith.models._tokenizers import text_format

CORPUS = [
    "The quick brown fox jumps over the lazy dog. It's what they've said, isn't it?",
    "Der schöne Frühling läßt Äpfel und Überraschungen wachsen; déjà vu à l'été, señor!",
    "今天天气很好，我们去公园散步吧。东京は日本の首都です。서울은 대한민국의 수도입니다.",
    "Привет, мир! Γειά σου Κόσμε. שלום עולם. مرحبا بالعالم. नमस्ते दुनिया",
    "def f(x):\n    return x ** 2  # 12345 67.89\n\n\tif not x:\n\t\tpass",
]
TEXTS = [
    *CORPUS,
    "",
    " ",
    "  two  spaces   and\ttabs\n\n\nlines \r\n end  ",
    "ＦＵＬＬ ｗｉｄｔｈ ① ﬁ ligature Å Å e\u0301 é ñ ň",
    "emoji 😀👩‍👩‍👧‍👦🏳️‍🌈 and \U0001f9d1\u200d\U0001f680",
    "NUL\x00inside\x01\x7f\ufffd\ufeffbom\u200bzero\u00adsoft\u2028line",
    "x" * 300 + " " + "ab" * 150,
    "[CLS] typed [SEP] by [MASK] users [UNK] [PAD]",
    "<s> typed </s> by <unk> users <pad> <|im_start|>user<|im_end|><|endoftext|>",
    "a<|im_end|>b <|im_end|> c\n<|im_end|>\nd<tool>e </tool> my_word mY_wOrD",
    "مرحبا ABC שלום 123 \u202eright to left\u202c",
    "ALL CAPS and MiXeD, ĀÉÎÕÜ ẞß İı ΣΑΣ",
]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ANGLES = ["<unk>", "<s>", "</s>", "<pad>"]
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

Maker = Callable[[Path], None]


def write(folder: Path, name: str, value: Any) -> None:
    (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def config(folder: Path, kind: str, **more: Any) -> None:
    write(folder, "config.json", {"model_type": kind, **more})


def pieces(kind: str) -> list[str]:
    """Subwords of the corpus that differ in case and accents, so that settings of a normalizer show in the ids."""
    signs = sorted({sign for text in CORPUS for sign in text if not sign.isspace()} | set("abcdefghijklmnopqrstuvwxyz"))
    lower = sorted({sign.lower() for sign in signs if len(sign.lower()) == 1} - set(signs))
    words = sorted({word for text in CORPUS for word in text.replace(".", " ").replace(",", " ").split()})
    bare = ["schone", "Schone", "fruhling", "deja", "ete", "my_word"]
    return [*signs, *lower, *words, *[word.lower() for word in words], *bare]


def word_piece(folder: Path, kind: str = "bert", **settings: Any) -> None:
    """As BERT's folders of old: a vocabulary in vocab.txt and settings beside it, no tokenizer.json."""
    found = list(dict.fromkeys([*SPECIALS, *pieces("word"), *[f"##{piece}" for piece in pieces("word")]]))
    (folder / "vocab.txt").write_text("\n".join(found), encoding="utf-8")
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", **settings})
    config(folder, kind)


def byte_level(specials: list[str], **options: Any) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=options.get("add_prefix_space", False))
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=options.get("trim_offsets", True))
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=specials,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def metaspace_bpe(specials: list[str], **options: Any) -> Tokenizer:
    """As converted from SentencePiece with byte fallback (Llama 2, Mistral, Gemma)."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=[*specials, *[f"<0x{byte:02X}>" for byte in range(256)]],
        show_progress=False,
        limit_alphabet=60,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    found = json.loads(tokenizer.to_str())
    kept = [each for each in found["added_tokens"] if not each["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(found | {"added_tokens": kept}))


def unigram(specials: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=300, special_tokens=specials, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def json_folder(tokenizer: Tokenizer, kind: str, **settings: Any) -> Maker:
    def make(folder: Path) -> None:
        tokenizer.save(str(folder / "tokenizer.json"))
        write(folder, "tokenizer_config.json", settings)
        config(folder, kind)

    return make


def gpt2_files(folder: Path, **settings: Any) -> None:
    """vocab.json and merges.txt, as GPT-2's folders of old."""
    tokenizer = byte_level(["<|endoftext|>"])
    tokenizer.model.save(str(folder))
    write(folder, "tokenizer_config.json", {"tokenizer_class": "GPT2Tokenizer", **settings})
    config(folder, "gpt2")


def added(folder: Path, tokens: dict[str, int]) -> None:
    write(folder, "added_tokens.json", tokens)


def bert_with_added(folder: Path) -> None:
    word_piece(folder)
    size = len((folder / "vocab.txt").read_text("utf-8").split("\n"))
    added(folder, {"<tool>": size, "</tool>": size + 1, "my_word": size + 2})


def bert_with_decoder(folder: Path) -> None:
    word_piece(folder)
    size = len((folder / "vocab.txt").read_text("utf-8").split("\n"))
    plain = {"lstrip": False, "rstrip": False, "single_word": True, "normalized": True, "special": False}
    settings = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    settings["added_tokens_decoder"] = {str(size): {"content": "my_word", **plain}}
    write(folder, "tokenizer_config.json", settings)


def bert_with_map(folder: Path) -> None:
    word_piece(folder)
    write(
        folder,
        "special_tokens_map.json",
        {
            "mask_token": {
                "content": "<tool>",
                "lstrip": True,
                "rstrip": False,
                "normalized": False,
                "single_word": False,
            },
            "additional_special_tokens": ["</tool>"],
        },
    )


def json_with_added(folder: Path) -> None:
    tokenizer = byte_level(CHATML)
    tokenizer.add_tokens([AddedToken("<tool>", lstrip=True), AddedToken("my_word", single_word=True, normalized=True)])
    tokenizer.add_special_tokens([AddedToken("</tool>", rstrip=True)])
    json_folder(tokenizer, "llama", tokenizer_class="PreTrainedTokenizerFast", eos_token="<|endoftext|>")(folder)


def only_json(folder: Path) -> None:
    byte_level(CHATML).save(str(folder / "tokenizer.json"))


def padded_json(folder: Path) -> None:
    tokenizer = byte_level(CHATML)
    tokenizer.enable_padding(pad_token="<|endoftext|>", length=20)
    tokenizer.enable_truncation(5)
    json_folder(tokenizer, "llama", tokenizer_class="PreTrainedTokenizerFast", pad_token="<|endoftext|>")(folder)


FAST = "PreTrainedTokenizerFast"
FOLDERS: dict[str, Maker] = {
    "bert": word_piece,
    "bert-cased": lambda folder: word_piece(folder, do_lower_case=False),
    "bert-keeps-accents": lambda folder: word_piece(folder, strip_accents=False),
    "bert-strips-accents": lambda folder: word_piece(folder, do_lower_case=False, strip_accents=True),
    "bert-joined-chinese": lambda folder: word_piece(folder, tokenize_chinese_chars=False),
    "bert-cased-joined-chinese": lambda folder: word_piece(folder, do_lower_case=False, tokenize_chinese_chars=False),
    "bert-added-tokens": bert_with_added,
    "bert-added-tokens-decoder": bert_with_decoder,
    "bert-special-tokens-map": bert_with_map,
    "bert-splits-special": lambda folder: word_piece(folder, split_special_tokens=True),
    "bert-without-class": lambda folder: (word_piece(folder), (folder / "tokenizer_config.json").unlink())[0],
    "distilbert": lambda folder: word_piece(folder, "distilbert", tokenizer_class="DistilBertTokenizer"),
    "electra": lambda folder: word_piece(folder, "electra", tokenizer_class="ElectraTokenizerFast"),
    "gpt2": gpt2_files,
    "gpt2-prefix-space": lambda folder: gpt2_files(folder, add_prefix_space=True),
    "gpt2-adds-bos": lambda folder: gpt2_files(folder, add_bos_token=True),
    "gpt2-json": json_folder(byte_level(["<|endoftext|>"]), "gpt2", tokenizer_class="GPT2TokenizerFast"),
    "roberta": json_folder(
        byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]), "roberta", tokenizer_class="RobertaTokenizer"
    ),
    "roberta-prefix-space": json_folder(
        byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]),
        "roberta",
        tokenizer_class="RobertaTokenizerFast",
        add_prefix_space=True,
    ),
    "qwen2": json_folder(byte_level(CHATML), "qwen2", tokenizer_class="Qwen2Tokenizer", eos_token="<|im_end|>"),
    "byte-level-fast": json_folder(byte_level(CHATML), "llama", tokenizer_class=FAST, eos_token="<|im_end|>"),
    "byte-level-adds-both": json_folder(
        byte_level(CHATML),
        "llama",
        tokenizer_class=FAST,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        add_bos_token=True,
        add_eos_token=True,
    ),
    "byte-level-as-llama": json_folder(byte_level(CHATML), "llama", tokenizer_class="LlamaTokenizer"),
    "byte-level-new-special": json_folder(
        byte_level(CHATML), "llama", tokenizer_class=FAST, pad_token="<tool>", additional_special_tokens=["</tool>"]
    ),
    "byte-level-splits-special": json_folder(
        byte_level(CHATML), "llama", tokenizer_class=FAST, split_special_tokens=True
    ),
    "byte-level-added": json_with_added,
    "byte-level-alone": only_json,
    "byte-level-padded": padded_json,
    "llama": json_folder(metaspace_bpe(ANGLES), "llama", tokenizer_class="LlamaTokenizer"),
    "llama-new": json_folder(metaspace_bpe(ANGLES), "llama", tokenizer_class="LlamaTokenizer", legacy=False),
    "llama-adds-eos": json_folder(
        metaspace_bpe(ANGLES), "llama", tokenizer_class="LlamaTokenizerFast", add_bos_token=False, add_eos_token=True
    ),
    "llama-no-prefix-space": json_folder(
        metaspace_bpe(ANGLES), "llama", tokenizer_class="LlamaTokenizer", add_prefix_space=False, legacy=False
    ),
    "metaspace-fast": json_folder(metaspace_bpe(ANGLES), "mistral", tokenizer_class=FAST, bos_token="<s>"),
    "gemma": json_folder(
        metaspace_bpe(["<pad>", "</s>", "<s>", "<unk>", "<mask>", "<eos>", "<bos>"]),
        "gemma",
        tokenizer_class="GemmaTokenizer",
    ),
    "t5": json_folder(unigram(["<pad>", "</s>", "<unk>"]), "t5", tokenizer_class="T5TokenizerFast"),
    "xlm-roberta": json_folder(
        unigram(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]), "xlm-roberta", tokenizer_class="XLMRobertaTokenizer"
    ),
    "albert": json_folder(
        unigram(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]), "albert", tokenizer_class="AlbertTokenizer"
    ),
    "unigram-fast": json_folder(unigram(["<unk>", "<s>", "</s>"]), "llama", tokenizer_class=FAST, unk_token="<unk>"),
}


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    base = tmp_path_factory.mktemp("tokenizers")
    made = {name: base / name for name in FOLDERS}
    for name, make in FOLDERS.items():
        made[name].mkdir()
        make(made[name])
    return made


@pytest.fixture(scope="session")
def alone(folders: dict[str, Path]) -> Confined:
    """The process that `check` asks: it has no torch."""
    return Confined("tunesmith.models._folder_reader:read_alone", time_s=120, memory_bytes=4 << 30)


def by_transformers(folder: Path) -> Any:
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    if not (folder / "config.json").exists():
        return PreTrainedTokenizerFast.from_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("name", FOLDERS)
def test_ids_are_those_of_transformers(name: str, folders: dict[str, Path], alone: Confined, monkeypatch) -> None:
    expected = by_transformers(folders[name])
    monkeypatch.setattr(_tokenizers, "_ask", lambda folder: alone.ask(str(folder)))
    found = text_format(folders[name])
    assert found is not None
    assert found.tokenizer is not None
    for text in TEXTS:
        for special in (True, False):
            ours = found.tokenizer.encode(text, add_special_tokens=special).ids
            assert ours == expected(text, add_special_tokens=special)["input_ids"], (text, special)
    pair = found.tokenizer.encode("a pair", "of texts")
    theirs = expected("a pair", "of texts")
    assert pair.ids == theirs["input_ids"]
    assert [pair.type_ids, expected.special_tokens_map] == [
        theirs.get("token_type_ids", pair.type_ids),
        dict(found.special_tokens),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bert", "bert-cased"),
        ("bert", "bert-keeps-accents"),
        ("bert-cased", "bert-strips-accents"),
        ("bert", "bert-joined-chinese"),
        ("bert", "bert-added-tokens"),
        ("bert", "bert-added-tokens-decoder"),
        ("bert", "bert-special-tokens-map"),
        ("bert", "bert-splits-special"),
        ("gpt2", "gpt2-prefix-space"),
        ("gpt2", "gpt2-adds-bos"),
        ("byte-level-fast", "byte-level-splits-special"),
        ("byte-level-fast", "byte-level-new-special"),
        ("byte-level-fast", "byte-level-added"),
        ("llama", "llama-adds-eos"),
        ("llama", "llama-no-prefix-space"),
    ],
)
def test_each_setting_changes_ids(one: str, other: str, folders: dict[str, Path]) -> None:
    """Else the comparison above would prove nothing."""
    assert by_transformers(folders[one])(TEXTS).input_ids != by_transformers(folders[other])(TEXTS).input_ids


def test_what_is_kept_is_asked_for_once_and_again_once_a_file_changes(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = shutil.copytree(folders["bert"], tmp_path / "model")
    asked = []
    ask = _tokenizers._ask
    monkeypatch.setattr(_tokenizers, "_ask", lambda place: asked.append(place) or ask(place))
    first, again = text_format(folder), text_format(folder)
    assert first is not None
    assert again is not None
    assert first.tokenizer.to_str() == again.tokenizer.to_str()  # type: ignore[union-attr]
    assert len(asked) == 1
    (kept,) = (tmp_path / "cache").rglob("*.json")
    kept.write_bytes(kept.read_bytes().replace(b"lowercase", b"lowercasf", 1))
    text_format(folder)
    assert len(asked) == 2, "a damaged answer is not believed"
    write(folder, "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": False})
    changed = text_format(folder)
    assert changed is not None
    assert changed.tokenizer.encode("The").ids != first.tokenizer.encode("The").ids  # type: ignore[union-attr]
    assert len(asked) == 3


def test_a_broken_tokenizer_is_one_named_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "BPE"')
    config(tmp_path, "llama")
    with pytest.raises(TunesmithError) as caught:
        text_format(tmp_path)
    assert caught.value.code == "model.broken-tokenizer"
    assert caught.value.problem.place.file == tmp_path


def test_code_beside_a_tokenizer_is_not_run(tmp_path: Path, folders: dict[str, Path]) -> None:
    folder = shutil.copytree(folders["byte-level-fast"], tmp_path / "model")
    write(folder, "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["own.Own", None]}, "tokenizer_class": "Own"})
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    config(folder, "unheard-of", auto_map={"AutoConfig": "own.Own"})
    with pytest.raises(TunesmithError, match="broken-tokenizer"):
        text_format(folder)
    assert not (tmp_path / "ran").exists()
