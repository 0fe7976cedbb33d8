"""Benches: whether compiled rules say what the official engine says, and what checking costs."""
