"""Use cases: what the API, the command line and the workers ask for."""
