"""Commands: parse, one service call, print."""
