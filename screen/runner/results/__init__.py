"""Shards joined into the cube, with scores and provenance."""
