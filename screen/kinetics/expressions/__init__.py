"""A reaction network as mathematics: the graph of expressions, its derivatives, and values in NumPy."""
