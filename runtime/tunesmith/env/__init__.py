"""What this machine is: doctor, and meters of memory and power."""
