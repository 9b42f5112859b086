"""The server: control of runs and help in the editor, for any client that speaks LSP."""
