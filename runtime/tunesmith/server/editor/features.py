"""Help in the editor, declared on a server: job files, and commands for what stands above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.server.documents import register as register_documents
from tunesmith.server.editor.highlight import COLOURS
from tunesmith.server.editor.service import JobFiles

if TYPE_CHECKING:
    from tunesmith.server.connection import TunesmithServer


def register(server: TunesmithServer) -> None:
    """Declare everything that the editor may ask for."""
    jobs = JobFiles(server)
    register_documents(server, [jobs], colours=COLOURS)
