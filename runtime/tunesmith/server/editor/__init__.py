"""Help while a job file is written. Everything but `features.py` is pure: text and a place in, answers out."""
