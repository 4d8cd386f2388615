"""Statements that a credible model satisfies, each simulated on its own and checked."""
