"""Which experiments decide most: expected information over the ensemble, batches under a budget, plates to pipette."""
