"""Model files as they come: encodings, compressed, in COMBINE archives."""
