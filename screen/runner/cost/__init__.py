"""What a run takes: processor time, memory, disk."""
