"""Using what was made: predict, export, the model card."""
