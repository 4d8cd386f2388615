"""Three drugs and more: scores of dose tensors, and what of a synergy lies beyond the pairs."""
