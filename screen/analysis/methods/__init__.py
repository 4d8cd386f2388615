"""Sampling and search on any target: preconditioned Crank-Nicolson, tempered SMC, CMA-ES, diagnostics."""
