"""Looks for skip sets outside any run, and judges what is found where the answer is known."""
