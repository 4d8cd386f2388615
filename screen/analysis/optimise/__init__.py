"""The best doses and schedules under an objective, and the front between two objectives."""
