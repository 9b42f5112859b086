"""An editor that no one here wrote: Neovim's built-in LSP client, set up as docs/editors.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import wait_until, write_digits_job
from tunesmith.runs.folder import all_runs, runs_root

NVIM = shutil.which("nvim")
pytestmark = pytest.mark.skipif(NVIM is None, reason="Neovim is not installed here (Debian: apt-get install neovim)")

PAGE = Path(__file__).parents[2] / "docs" / "editors.md"

# What a person would do at the keyboard; what the editor then has goes to a file.
SESSION = """
local seen = { messages = {} }
local buffer = vim.api.nvim_get_current_buf()

local function wait(what, condition)
  if not vim.wait(240000, condition, 50) then
    seen.stuck = what
    vim.fn.writefile({ vim.json.encode(seen) }, "seen.json")
    vim.cmd("cquit!")
  end
end

local show = vim.lsp.handlers["window/showMessage"]
vim.lsp.handlers["window/showMessage"] = function(err, result, context, config)
  table.insert(seen.messages, result.message)
  return show(err, result, context, config)
end

wait("the server's start", function() return vim.tbl_count(vim.lsp.buf_get_clients(buffer)) > 0 end)

-- diagnostics: of the file as it is, and of a mistake as it is typed
local function codes()
  return vim.tbl_map(function(each) return each.code end, vim.diagnostic.get(buffer))
end
wait("diagnostics", function() return vim.tbl_contains(codes(), "job.unknown-key") end)
seen.diagnostics = vim.tbl_map(
  function(each) return { code = each.code, line = each.lnum, message = each.message } end,
  vim.diagnostic.get(buffer)
)
local line = seen.diagnostics[1].line
vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { "seed: 3" })
wait("the mistake's end", function() return not vim.tbl_contains(codes(), "job.unknown-key") end)

-- completion, as CTRL-X CTRL-O asks for it
vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { "method: " })
local last = vim.api.nvim_buf_line_count(buffer)
vim.api.nvim_win_set_cursor(0, { last, 7 })
local params = vim.lsp.util.make_position_params()
params.position.character = 8
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/completion", params, 240000)
for _, answer in pairs(answers or {}) do
  local items = vim.lsp.util.extract_completion_items(answer.result)
  seen.completion = vim.tbl_map(function(each) return each.label end, items)
end
vim.api.nvim_buf_set_lines(buffer, last - 1, last, false, { "method: full" })

-- hover
vim.api.nvim_win_set_cursor(0, { 1, 1 })
local here = vim.lsp.util.make_position_params()
for _, answer in pairs(vim.lsp.buf_request_sync(buffer, "textDocument/hover", here, 240000)) do
  seen.hover = answer.result.contents.value
end

-- a run, by the command above the job
vim.cmd("write")
vim.ui.select = function(options, _, choose)
  for _, option in ipairs(options) do
    if option.lens.command.title == "Run" then return choose(option) end
  end
end
wait("the lenses", function() return #vim.lsp.codelens.get(buffer) > 1 end)
seen.lenses = vim.tbl_map(function(each) return each.command.title end, vim.lsp.codelens.get(buffer))
vim.lsp.codelens.run()
wait("the run's start", function() return #seen.messages > 0 end)

vim.fn.writefile({ vim.json.encode(seen) }, "seen.json")
vim.cmd("qall!")
"""


def lua_of_the_page():
    """The Neovim set-up that the page shows."""
    [block] = re.findall(r"```lua\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return block


def test_neovim_completes_diagnoses_and_starts_a_run_that_finishes(tmp_path):
    job = write_digits_job(tmp_path, "training: {max_steps: 5, batch_size: 32}", "sead: 3")
    (tmp_path / "init.lua").write_text(lua_of_the_page(), encoding="utf-8")
    (tmp_path / "session.lua").write_text(SESSION, encoding="utf-8")
    scripts = str(Path(sys.executable).parent)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ["PATH"]]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path / "share"),
    }
    done = subprocess.run(
        [NVIM, "--headless", "-i", "NONE", "-n", "-u", "init.lua", job.name, "-c", "luafile session.lua"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    told = tmp_path / "seen.json"
    assert told.exists(), done.stderr
    seen = json.loads(told.read_text(encoding="utf-8"))
    assert "stuck" not in seen, (seen, done.stderr)
    assert done.returncode == 0, done.stderr
    [mistake] = [each for each in seen["diagnostics"] if each["code"] == "job.unknown-key"]
    assert job.read_text("utf-8").splitlines()[mistake["line"]] == "seed: 3", "the mistake was where Neovim was told"
    assert {"full", "lora", "head"} <= set(seen["completion"])
    assert "task" in seen["hover"].lower()
    assert seen["lenses"][:2] == ["Run", "Estimate"]
    [run] = all_runs(runs_root(tmp_path))
    assert run.id in seen["messages"][0]
    assert wait_until(lambda: run.state().status if run.state().ended else "", 600) == "finished", run.state()
    assert run.state().step == 5
