"""Panels of virtual cell lines: sampled lines, mixtures of clones, statistics of the population."""
