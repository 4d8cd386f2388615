"""What a calibration leaves: tables of the model, the ensemble, PEtab."""
