"""What is checked before a training: the job as a whole, its rows, their labels. Reads only; loads no torch."""
