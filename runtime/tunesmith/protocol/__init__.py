"""The messages between server and clients, once: Kotlin, JSON Schema, docs and samples are generated from here."""

VERSION = 1
"""Raised when a client that knows only the version before would misunderstand; additions do not raise it."""
