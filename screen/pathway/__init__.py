"""Biology as data: the model text, drugs, cell lines and the evidence table; how a drug acts on the model;
the virtual assay that doses a line at its untreated state. Knows nothing of synergy or of files on disk.
"""
