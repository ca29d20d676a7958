"""Measures Trivec on any data in the published layouts; behind `trivec evaluate`."""
