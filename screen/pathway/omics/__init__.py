"""Abundances from omics: which gene, antibody or microRNA speaks for which entity, how far each named line is from
the panel's mean, and lines read from a user's own table of expression.
"""
