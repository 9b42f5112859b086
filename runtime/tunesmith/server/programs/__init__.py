"""Tunesmith's own programs, which load torch, as processes that a request can wait for and cancel."""
