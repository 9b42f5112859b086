"""A small notation for tests of the editor: `|` in a text is the cursor."""

import re
from pathlib import Path
from textwrap import dedent

from tunesmith.catalog import Catalog
from tunesmith.server.editor.completion import complete

CATALOG = Catalog()
HOME = Path(__file__).parent


def marked(text):
    """The text without its cursor, and where that was."""
    text = dedent(text).removeprefix("\n")
    offset = text.index("|")
    return text[:offset] + text[offset + 1 :], offset


def completion(text, *, home=HOME, snippets=True):
    """What is offered at the cursor."""
    plain, offset = marked(text)
    return complete(plain, offset, CATALOG, home, snippets=snippets)


def offered(text, **options):
    """The labels that are offered at the cursor."""
    found = completion(text, **options)
    return [item.label for item in found.items] if found else []


def accepted(text, label, **options):
    """The text after the item of this label was chosen; snippets with their places filled in as suggested."""
    plain, _ = marked(text)
    found = completion(text, **options)
    item = next(item for item in found.items if item.label == label)
    return plain[: found.start] + expanded(item.text if item.snippet else escape(item.text)) + plain[found.end :]


def escape(text):
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def expanded(snippet):
    """What stands there once a snippet was inserted and nothing typed over it."""
    text = re.sub(r"(?<!\\)\$\{\d+:((?:\\.|[^}\\])*)\}", lambda match: match[1], snippet)
    text = re.sub(r"(?<!\\)\$\d", "", text)
    return re.sub(r"\\([\\$}])", r"\1", text)
