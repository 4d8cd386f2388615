"""Plates measured in a laboratory: reading, scoring, intervals, p-values, comparison with a cube."""
