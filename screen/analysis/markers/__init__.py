"""What predicts a response across lines: associations, decision trees, Sobol indices."""
