"""Events and delays in the reference solver."""
