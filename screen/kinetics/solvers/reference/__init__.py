"""The reference solver: SciPy, one trajectory after the other."""
