"""The one place where Qdrant's wire format becomes Qdrant Edge's types and back.

`qdrant_client.http.models` (or plain JSON where every float counts) in, `qdrant_edge` out; results back to plain JSON.
Nothing here touches a collection: what a query needs from one is handed in.
"""
