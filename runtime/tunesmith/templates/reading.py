"""Whether the model of a new job can read the user's texts: better known before the first run than after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from tunesmith.catalog import Catalog
from tunesmith.data.rows import Rows
from tunesmith.data.table import Table
from tunesmith.job.load import load_job
from tunesmith.models.load import find_text_format
from tunesmith.tasks.parts.texts import text_of
from tunesmith.tasks.parts.tokens import check_tokens, tokenizing

READ = 2000
"""Rows that are looked at."""


def reading_notes(job_file: Path, catalog: Catalog, table: Table, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """A sentence where the model knows too few of the tokens in the first rows; none where it makes its own."""
    job = load_job(job_file, catalog).job
    roles = catalog.tasks[job.task].member.columns
    read = [role for role in columns if roles[role].holds == "text"]
    names = [name for role in read for name in columns[role]]
    if not names:
        return []
    name = str(job.model.options.get("name", job.model.name))
    reads = find_text_format(job.model.name, name, job.folder, job.model.options, catalog)
    if reads is None or reads.tokenizer is None:
        return []
    records = [each for each in islice(table.records(names), READ) if each.values]
    texts = ["\n".join(text_of(each.values[name]) for name in names) for each in records if each.values]
    rows = Rows(columns={}, files=(table.path,), file_of=[0] * len(records), lines=[record.line for record in records])
    with tokenizing():
        ids = [encoding.ids for encoding in reads.tokenizer.encode_batch_fast(texts)]
    found = check_tokens(rows, ids, texts, reads, known=catalog.tasks[job.task].member.multilingual)
    return [f"{problem.message}; {problem.hint}" for problem in found if problem.code == "data.unknown-tokens"]
