"""Shards carried out: in this process, in workers of this machine, on Dask; and stopped."""
