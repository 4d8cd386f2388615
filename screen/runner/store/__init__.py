"""The run folder: its lock, its manifest and the shard files."""
