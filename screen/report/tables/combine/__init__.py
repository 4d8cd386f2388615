"""A run as a COMBINE archive, whose SED-ML another simulator runs again."""
