"""Whole processes over the real wires: a charge that goes well, bad input, and SIGKILL between any
two steps.
"""
