"""How slow the slow learner is, for the worker that runs it and the test that watches it.

The learner itself must not be imported by a test: it takes the place of the real ones in its process.
"""

STEPS = 40
