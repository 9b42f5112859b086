"""Write what is made from `runtime/tunesmith`: Kotlin classes, JSON Schemas, docs/protocol.md, samples.

python tools/generate_protocol.py            write all files
python tools/generate_protocol.py --check    name those that are stale; exit status 1 if there are any
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "runtime")]

KOTLIN = Path("plugin/core/src/main/kotlin/dev/tunesmith/core/protocol")
JOB_SCHEMA = Path("plugin/core/src/main/resources/schema/job.schema.json")


def generated() -> dict[Path, str]:
    """Content by path, from the project's folder."""
    from protocol.kotlin import kotlin_files
    from protocol.page import page
    from protocol.samples import samples
    from protocol.schema import schema

    return {
        **{KOTLIN / name: content for name, content in kotlin_files().items()},
        Path("docs/protocol.schema.json"): schema(),
        JOB_SCHEMA: job_schema(),
        Path("docs/protocol.md"): page(),
        Path("tests/server/samples/protocol.json"): samples(),
    }


def job_schema() -> str:
    """What `tunesmith schema` prints: the plugin completes overrides and, without LSP, job files by it."""
    from tunesmith.catalog import Catalog
    from tunesmith.job.json_schema import json_schema

    return json.dumps(json_schema(Catalog()), indent=1, ensure_ascii=False) + "\n"


def stale() -> list[Path]:
    """Files that are not what would be generated now, and generated ones that no longer should be there."""
    wanted = generated()
    left = {path.relative_to(ROOT) for path in (ROOT / KOTLIN).glob("Generated*.kt")} - set(wanted)
    different = [path for path, content in wanted.items() if _content(ROOT / path) != content.encode()]
    return sorted([*different, *left])


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def main(arguments: list[str]) -> int:
    """0, or 1 with `--check` where a file is stale."""
    old = stale()
    for path in old:
        print(path)
    if "--check" in arguments:
        return 1 if old else 0
    wanted = generated()
    for path in old:
        if path not in wanted:
            (ROOT / path).unlink()
            continue
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_bytes(wanted[path].encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
