"""A run as a person sees it: events folded into an append-only view that the browser draws."""
