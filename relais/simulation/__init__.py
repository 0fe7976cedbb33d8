"""Simulation: partners, workers, network, disk and clock played from a seed, so that a bad night can be replayed.

The stages are the real ones; the ports are in memory; one baton goes round between the workers, so that the same seed
always gives the same order of operations.
"""
