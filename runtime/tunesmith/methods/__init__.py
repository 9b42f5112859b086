"""How a model is tuned, one method a file."""
