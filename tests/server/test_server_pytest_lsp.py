"""The server as pytest-lsp's client sees it: one that we did not write."""

from __future__ import annotations

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from tunesmith.python_process import module_command

pytestmark = pytest.mark.asyncio


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[*module_command("tunesmith", "serve")]))
async def client(lsp_client: LanguageClient):
    lsp_client.answer = await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(),
            initialization_options={"trusted": True, "protocolVersion": 1},
        )
    )
    yield
    await lsp_client.shutdown_session()


async def test_it_shakes_hands_and_answers(client):
    assert client.answer.server_info.name == "tunesmith"
    told = client.answer.capabilities.experimental
    assert "tunesmith" in (told if isinstance(told, dict) else vars(told))
    found = await client.protocol.send_request_async("tunesmith/queue", {})
    assert found.parallel == 1


async def test_a_refusal_arrives_with_its_data(client):
    with pytest.raises(Exception, match="the message lacks run") as caught:
        await client.protocol.send_request_async("tunesmith/run", {})
    assert caught.value.code == -32602
