"""What is tried again after a first attempt: with more steps, with tighter settings, by the reference solver."""
