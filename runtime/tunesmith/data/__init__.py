"""Rows: read, mapped to a task's roles, split, inspected, made into features once and put into batches."""
