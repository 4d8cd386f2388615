"""Questions about a finished cube: verification by recomputation, dosing order."""
