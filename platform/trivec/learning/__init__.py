"""What the machine learns from a corpus: networks and models, each trained, judged, saved as plain files."""
