"""A small notation for tests of the editor: `|` in a text is the cursor."""

import re
from pathlib import Path
from textwrap import dedent

from tunesmith.catalog import Catalog
from tunesmith.server.editor.completion import complete
from tunesmith.server.editor.diagnostics import judge, placed
from tunesmith.server.editor.edits import applied
from tunesmith.server.editor.fixes import fixes_for
from tunesmith.server.editor.scan import scan
from tunesmith.server.editor.shape import View

CATALOG = Catalog()
HOME = Path(__file__).parent
FILE = HOME / "x.job.yaml"


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


def findings(text, *, more=()):
    """What is wrong with a job's text, with the spans; `more` are problems of its data."""
    return placed([*judge(text, FILE, CATALOG).problems, *more], scan(text), FILE)


def fixes(text, code, *, more=()):
    """The quick fixes of the first finding with this code."""
    finding = next(each for each in findings(text, more=more) if each.problem.code == code)
    return fixes_for(finding, View(tree=scan(text), catalog=CATALOG, home=HOME))


def fixed(text, code, title, *, more=()):
    """The text after the fix of this title."""
    fix = next(each for each in fixes(text, code, more=more) if each.title == title)
    return applied(text, fix.edits)
