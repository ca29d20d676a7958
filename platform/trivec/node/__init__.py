"""Qdrant's REST API over Qdrant Edge, for one machine. Knows nothing of the other rooms."""
