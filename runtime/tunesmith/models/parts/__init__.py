"""What the sources of weights share."""
