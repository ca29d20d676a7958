"""Texts in, vectors out: one protocol (base), one catalogue, one file per family."""
