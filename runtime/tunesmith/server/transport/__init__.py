"""How messages come and go: streams of bytes, standard input or the loopback interface, one connection a client."""
