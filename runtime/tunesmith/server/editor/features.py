"""Help in the editor, declared on a server. What a kind of document needs is imported when the first one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunesmith.server.document_features import register as register_documents
from tunesmith.server.documents import Documents, Language
from tunesmith.server.editor.commands import register as register_commands
from tunesmith.server.editor.token_types import TOKEN_TYPES

if TYPE_CHECKING:
    from tunesmith.server.client_server import ClientServer


def register(server: ClientServer) -> Documents:
    """Declare everything that the editor may request; returns the documents that the client has open."""

    def job_files() -> Language:
        from tunesmith.server.editor.service import JobFiles

        return JobFiles(server)

    def python_files() -> Language:
        from tunesmith.server.editor.python_files import PythonFiles

        return PythonFiles(server)

    register_commands(server)
    languages = {(".job.yaml", ".job.yml"): job_files, (".py",): python_files}
    return register_documents(server, languages, colours=TOKEN_TYPES)
