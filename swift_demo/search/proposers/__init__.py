"""Who suggests the next skip set to try; each in a file of its own."""
