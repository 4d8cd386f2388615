"""Files as people have them, as one long table of texts: encodings, layouts, heads, numbers, plate readers."""
