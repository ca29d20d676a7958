"""Fusion: one trained vector out of a text's named vectors and its stems.

`network` and `export` need torch; `options` do not, and nothing here is needed to serve a trained network.
"""
