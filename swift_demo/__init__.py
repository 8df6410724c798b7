"""SWIFT: on-the-fly self-speculative decoding, made visible."""
