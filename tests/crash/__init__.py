"""Fault injection in its long mode: `make crash KILLS=200`. The short mode is
`tests/flows/test_crash_station.py`.
"""
