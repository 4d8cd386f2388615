"""The ways to solve a network: the compiled batch, the SciPy reference, events, retries, steady states."""
