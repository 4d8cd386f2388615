"""From a configuration to a cube: the plan (grid, shards), the parallel runner and the cube file."""
