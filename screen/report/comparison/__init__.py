"""The page of what differs: between two screens or more, and between a screen and measured plates."""
