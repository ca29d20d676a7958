"""Encoders: texts in, one vector per text out. `base` says what an encoder is, `catalog` builds them from specs."""
