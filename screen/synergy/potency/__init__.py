"""What one drug does alone: IC50, EC50, sensitivity scores and growth-rate metrics."""
