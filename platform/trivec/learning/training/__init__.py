"""How every network here is trained: optimisers, a rate schedule, one seeded loop, checkpoints that survive a kill.

Needs torch: imported by trainers only, never by what serves.
"""

from trivec.errors import MissingExtra

try:
    import torch  # noqa: F401
except ImportError as missing:
    raise MissingExtra("torch", "train") from missing
