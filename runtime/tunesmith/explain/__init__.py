"""What a run has learnt: figures, pictures and plain words about a model's answers."""
