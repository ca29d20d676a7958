"""One file per kind of thing; a route is parse, one service call, answer."""
