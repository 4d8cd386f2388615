"""What a network does by the clock, and when: nothing of it is stepped over by a solver."""
