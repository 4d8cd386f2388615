"""The model's free parameters from evidence: priors, residuals, search, sampling, cross-validation."""
