"""Reaction networks as numbers: the SBML/Antimony reader, code generation, the batched stiff solver and the
SciPy reference solver. Knows nothing of HER2, drugs or screening.
"""
