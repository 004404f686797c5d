"""The networks: what they are (catalog, no torch) and how they are built (article, build)."""
