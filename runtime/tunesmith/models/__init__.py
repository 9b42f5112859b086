"""Where weights come from, one source a file."""
