"""What the server's helper processes do for its methods: JSON values in, a message of the protocol as JSON out."""
