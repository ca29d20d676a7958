"""Files in, documents out; bad rows go to a rejects file and the rest goes on."""
