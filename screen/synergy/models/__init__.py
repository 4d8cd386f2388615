"""Reference models of drug combination, one file each, with the paper that it is from."""
