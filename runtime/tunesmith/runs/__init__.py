"""The run folder: create, read, write, lock, launch. docs/run-folder.md is its format."""
