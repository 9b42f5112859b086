"""The findings that were read in packages (tests/benchmarks/inspections.py): each rule is right nearly always."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from tunesmith.catalog import Catalog

JUDGED = Path(__file__).parents[1] / "benchmarks" / "inspections_judged.tsv"


def test_at_most_one_in_twenty_judged_findings_of_a_rule_is_false():
    with JUDGED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    codes = {entry.member.code for entry in Catalog().inspections.values()}
    assert [row for row in rows if row["rule"] not in codes or row["verdict"] not in ("true", "false")] == []
    assert [row for row in rows if not row["reason"] or not row["code"]] == []
    judged = Counter(row["rule"] for row in rows)
    false = Counter(row["rule"] for row in rows if row["verdict"] == "false")
    assert {code: false[code] for code in judged if false[code] > judged[code] / 20} == {}
