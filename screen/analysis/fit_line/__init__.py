"""One cell line's parameters from its own plate."""
