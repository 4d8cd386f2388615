"""Readers of the tables in `pathway/data`, and the model's text put together from them."""
