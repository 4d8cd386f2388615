"""What foretells a response across lines: associations, decision trees, Sobol indices."""
