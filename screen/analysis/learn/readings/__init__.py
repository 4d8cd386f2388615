"""What laboratories read: wells of plates and markers, in the order of the ensemble's predictions."""
