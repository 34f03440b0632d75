"""Sunrise: another company's platform, small and honest, that roams with us by OCPI 2.2.1.

It is one party, NL-SUN, that has drivers (eMSP) and one charging station (CPO). It speaks HTTP and
shares no code with Interwatt, so that both sides cannot be wrong in the same way: it reads and
writes OCPI by itself, checks what it is sent against its own list of required fields (`checks.py`)
and prices its charges by itself (`pricing.py`).

`server.py` is its OCPI side; `control.py` is a second, private port by which a test or the demo
tells it what to do, reads what it has seen, and makes it fail (`failures.py`).
"""
