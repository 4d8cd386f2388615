"""The schedulers of clusters, one file each."""
