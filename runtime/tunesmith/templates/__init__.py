"""The projects that `tunesmith new` makes: one folder a task, each a small real project."""
