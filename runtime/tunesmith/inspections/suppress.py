"""Comments that silence findings: `# tunesmith: ignore[TS101]`, `# tunesmith: ignore`, `# noqa`, `# noqa: TS101`."""

from __future__ import annotations

import re

_COMMENT = re.compile(
    r"#\s*(?:tunesmith:\s*ignore(?:\[(?P<ours>[^\]]*)\])?|noqa(?::(?P<noqa>[\sA-Za-z0-9,]+))?(?![\w:]))", re.IGNORECASE
)


def silences(line: str, code: str, name: str) -> bool:
    """Whether a comment of this line silences the rule of this code and name."""
    for found in _COMMENT.finditer(line):
        listed = found["ours"] if found["ours"] is not None else found["noqa"]
        if listed is None:
            return True
        words = {word.lower() for word in re.split(r"[\s,]+", listed) if word}
        if code.lower() in words or name.lower() in words:
            return True
    return False
