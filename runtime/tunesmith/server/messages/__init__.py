"""Runs, the queue, the catalog and reports as messages of the protocol."""
