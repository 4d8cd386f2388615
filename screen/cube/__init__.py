"""The cube: the HDF5 file in the netCDF-4 data model that a screen leaves; nothing of how its numbers came to be."""
