"""Configuration files in YAML: what stands where, and paths as they are told."""
