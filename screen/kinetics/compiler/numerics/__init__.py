"""The method of integration as a table of numbers, and its linear algebra as straight-line code."""
