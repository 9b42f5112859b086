"""The name of a new project's job is one part of a path, whoever sends it."""

from __future__ import annotations

import pytest

from server_client import RefusedError, serving


def test_a_name_that_leads_elsewhere_is_refused_by_name(tmp_path):
    data = tmp_path / "rows.csv"
    data.write_text("text,label\n" + "".join(f"row {n},{'ab'[n % 2]}\n" for n in range(20)))
    params = {"folder": "project", "task": "text-classification", "data": "rows.csv"}
    params["columns"] = {"text": ["text"], "label": ["label"]}
    with serving(tmp_path) as server:
        for name in (
            "../../evil",
            "..",
            "a/b",
            "a\\b",
            "/evil",
            " ",
            ".job.yaml",
            "a\nb",
            "a\x00b",
            "a\x1b[31m",
            "c:x",
        ):
            with pytest.raises(RefusedError) as error:
                server.ask("tunesmith/newProject", {**params, "name": name})
            assert error.value.code == "new.job-name", name
            assert not (tmp_path / "project").exists()
        made = server.ask("tunesmith/newProject", {**params, "name": "中文 my.model"})
        assert made["job"].endswith("中文 my.model.job.yaml")
    assert sorted(item.name for item in tmp_path.iterdir() if "evil" in item.name) == []
