"""Texts for property tests of the editor: broken ones, and valid ones in any layout."""

import io

from hypothesis import reject
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

PIECES = [
    *("task", "training", "optimizer", "lora", "x", "1e-3", "10%", "a.csv", "p.m:f", "é", "漢字", "😀", "'", '"', "''"),
    *(
        ": ",
        ":",
        ",",
        ", ",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        "\r",
        "\t",
        " ",
        "#",
        " # c",
        "- ",
        "-",
    ),
    *("|", ">", "|2-", "&a ", "*a", "!t ", "---", "...", "%", "?", "\\", "\\u12", "\ufeff", "\x00", "\u2028"),
]
BROKEN = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
KEYS = st.text(alphabet="abcdefgh_-.", min_size=1, max_size=8).filter(lambda key: key[0].isalpha())
SCALARS = st.one_of(
    st.text(alphabet="abc é漢😀:#,{}[]'\"-\\ \n%&*!|>@", max_size=12),
    st.integers(-99, 99),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.dictionaries(KEYS, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=12,
)
JOBS = st.dictionaries(KEYS, TREES, min_size=1, max_size=5)


def written(job, *, flow, width, indent):
    yaml = YAML(pure=True)
    yaml.default_flow_style = flow
    yaml.width = width
    yaml.indent(mapping=indent, sequence=indent + 2, offset=2)
    yaml.allow_unicode = True
    file = io.StringIO()
    yaml.dump(job, file)
    try:
        YAML(typ="safe", pure=True).load(file.getvalue())
    except YAMLError:  # a text such as `:>` in braces, which the library writes and cannot read
        reject()
    return file.getvalue()
