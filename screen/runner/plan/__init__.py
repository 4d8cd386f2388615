"""What a configuration asks for: names resolved, combinations, dose grids, schedules, shards."""
