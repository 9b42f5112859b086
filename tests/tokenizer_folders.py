"""Small folders of tokenizers of every kind, as models bring them, and texts that their settings cut differently."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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


def pieces() -> list[str]:
    """Subwords of the corpus that differ in case and accents, so that settings of a normalizer show in the ids."""
    signs = sorted({sign for text in CORPUS for sign in text if not sign.isspace()} | set("abcdefghijklmnopqrstuvwxyz"))
    lower = sorted({sign.lower() for sign in signs if len(sign.lower()) == 1} - set(signs))
    words = sorted({word for text in CORPUS for word in text.replace(".", " ").replace(",", " ").split()})
    bare = ["schone", "Schone", "fruhling", "deja", "ete", "my_word"]
    return [*signs, *lower, *words, *[word.lower() for word in words], *bare]


def word_piece(folder: Path, kind: str = "bert", **settings: Any) -> None:
    """As BERT's folders of old: a vocabulary in vocab.txt and settings beside it, no tokenizer.json."""
    found = list(dict.fromkeys([*SPECIALS, *pieces(), *[f"##{piece}" for piece in pieces()]]))
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
