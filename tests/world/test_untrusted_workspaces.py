"""A client of a workspace that is not trusted reads and deletes nothing outside of it."""

from __future__ import annotations

import os

import pytest

from server_client import RefusedError, serving
from tunesmith.runs.folder import create_run, runs_root

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")


@pytest.mark.parametrize("link", [".tunesmith", ".tunesmith/runs"])
def test_a_folder_of_runs_that_leads_elsewhere_is_refused_until_it_is_trusted(link, tmp_path):
    private = create_run(runs_root(tmp_path / "private"), "task: regression\n", name="private")
    workspace = tmp_path / "clone"
    (workspace / link).parent.mkdir(parents=True)
    (workspace / link).symlink_to(tmp_path / "private" / link)
    with serving(workspace, trusted=False) as server:
        for method, params in (
            ("tunesmith/runs", {}),
            ("tunesmith/run", {"run": private.id}),
            ("tunesmith/log", {"run": private.id}),
            ("tunesmith/keep", {"run": private.id, "step": 1, "keep": True}),
            ("tunesmith/queue", {}),
            ("tunesmith/delete", {"runs": [private.id], "purge": True}),
        ):
            with pytest.raises(RefusedError) as error:
                server.ask(method, params)
            assert error.value.code == "server.outside-workspace", method
        assert private.path.exists()
        server.ask("tunesmith/trust", {"trusted": True})
        assert [run["id"] for run in server.ask("tunesmith/runs")["runs"]] == [private.id]


def test_a_run_that_is_a_link_is_not_deleted(tmp_path):
    private = create_run(runs_root(tmp_path / "private"), "task: regression\n", name="private")
    own = create_run(runs_root(tmp_path / "clone"), "task: regression\n", name="own")
    (own.path.parent / private.id).symlink_to(private.path)
    with serving(tmp_path / "clone", trusted=False) as server:
        assert [run["id"] for run in server.ask("tunesmith/runs")["runs"]] == [own.id]
        with pytest.raises(RefusedError):
            server.ask("tunesmith/run", {"run": private.id})
        assert server.ask("tunesmith/delete", {"runs": [private.id]})["deleted"] == []
    assert private.path.exists()
