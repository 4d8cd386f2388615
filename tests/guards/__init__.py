"""What a change of places and names must leave as it is, to the bit."""
