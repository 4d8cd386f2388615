"""Questions answered by running the model many times, the evidence check first. Computes; draws nothing."""
