"""HTTP: parse, one service call, answer."""
