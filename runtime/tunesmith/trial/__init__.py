"""A job tried before it is run: everything built, and one small batch sent forward and backward."""
