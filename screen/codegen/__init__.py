"""Machine code for the processor at hand: writing LLVM's intermediate language, elementary functions on
vectors of doubles, compiling and loading. Knows no equation and no science: `kinetics` writes its solver
with it, `synergy` its search for curves.
"""
