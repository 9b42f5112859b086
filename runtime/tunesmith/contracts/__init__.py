"""What the parts of a training promise each other: a task, a loaded model, a loss, whoever records and commands."""
