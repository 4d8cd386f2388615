"""One shard: its wells simulated and scored."""
