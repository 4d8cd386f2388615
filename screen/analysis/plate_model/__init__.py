"""What the model says of a measured plate, beside what needs no model."""
