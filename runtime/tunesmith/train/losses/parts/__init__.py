"""What the losses share."""
