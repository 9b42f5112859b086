"""The tasks, one file each: what a row is, how a batch is made, the loss and the figures."""
