"""Help in the client's language: all of it, and English for everybody else."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from server_client import serving
from tunesmith.catalog import Catalog
from tunesmith.server import languages
from tunesmith.server.languages import TRANSLATED, files, language_of, read, texts
from tunesmith.server.messages.catalog import catalog

LANGUAGES = sorted(file.stem for file in Path(languages.__file__).parent.glob("*.json"))
CODE = re.compile(r"`[^`]*`")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def shown(message):
    """The texts of the catalog that have translations."""
    if isinstance(message, dict):
        for name, value in message.items():
            if name not in TRANSLATED or not isinstance(value, str):
                yield from shown(value)
            elif value:
                yield value
    elif isinstance(message, (list, tuple)):
        for each in message:
            yield from shown(each)


def test_there_are_languages():
    assert LANGUAGES == ["zh-CN"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_catalog_is_translated_and_no_other(language):
    assert set(texts(language)) == set(shown(catalog()))
    assert set(texts(language).values()) == set(shown(catalog(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_in_one_file_and_a_members_file_has_only_what_the_member_shows(language):
    shared, *others = files(language)
    of_all = Counter(text for file in (shared, *others) for text in read(file))
    assert [text for text, times in of_all.items() if times > 1] == []
    assert len(others) > 40
    members = {file: [] for file in others}
    for kind, folder in vars(Catalog()).items():
        for entry in folder.values():
            beside = entry.beside(f"{language}.json")
            members.setdefault(beside, []).extend(
                shown([member for member in catalog().get(kind, []) if member["name"] == entry.name])
            )
    for file in others:
        assert read(file).keys() <= set(members[file]), file


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_same_code(language):
    for text, translation in texts(language).items():
        assert sorted(CODE.findall(text)) == sorted(CODE.findall(translation)), text
        assert CHINESE.search(translation), text


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh-CN"), ("zh_CN", "zh-CN"), ("zh", "zh-CN"), ("zh-Hans-CN", "zh-CN"), ("ZH-cn", "zh-CN")]
    + [(locale, "") for locale in ("zh-TW", "zh-Hant", "en", "de-DE", "", None)],
)
def test_a_locale_is_a_language_that_there_is_or_english(locale, language):
    assert language_of(locale) == language


@pytest.mark.parametrize(("locale", "told"), [("zh-CN", "乘以"), ("de", "multiplies"), (None, "multiplies")])
def test_the_server_speaks_the_language_of_the_handshake(tmp_path, locale, told):
    with serving(tmp_path, locale=locale) as server:
        schedules = {each["name"]: each for each in server.ask("tunesmith/catalog")["schedules"]}
        assert any(told in option["help"] for option in schedules["step"]["options"])
