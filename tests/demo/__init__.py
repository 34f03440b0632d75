"""The demo: one roaming charge in each direction, played by separate processes over the real wires.

Read `__main__.py` for the order of events, `partner/` for the other platform, `station.py` for the
charging station.
"""
