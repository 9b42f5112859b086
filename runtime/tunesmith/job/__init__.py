"""The job file: its schema, reading it with positions, checks, advice, writing it back."""
