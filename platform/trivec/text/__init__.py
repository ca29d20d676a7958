"""Cleaning, tokens and passages: what every encoder and every highlight starts from."""
