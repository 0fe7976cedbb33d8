"""What things are: names, shapes, codes, limits, errors and ports. No I/O, and nothing of ours is imported."""
