"""The only room that talks to Qdrant: schema, generations, writes and queries."""
