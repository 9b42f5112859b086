"""Helper processes of the server: slow or foreign work (jedi, data files, models) that must not hold up its loop."""
