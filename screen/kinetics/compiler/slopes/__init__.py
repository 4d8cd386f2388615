"""Sensitivities beside the states: the same steps, the same factors, one substitution a stage and parameter."""
