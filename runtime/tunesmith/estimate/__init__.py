"""What a run will take, said before it starts: memory, disk, steps, time and energy."""
