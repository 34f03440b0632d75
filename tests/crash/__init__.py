"""Fault injection in its long mode: `make crash KILLS=200`. The short mode is `test_short.py`, and,
at station level, `tests/flows/test_crash_station.py`.

`plan` says from a seed what happens, `load` makes it happen and keeps a `journal` of what was
acknowledged, `targets` die, `faults` pass, `checks` compare; `variants` puts them together.
"""
