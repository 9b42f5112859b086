"""What the parts of a training promise each other: a task, a loaded model, a loss, a recorder, a source of commands."""
