"""How the rows of a file become training, validation and test rows. One file a way."""
