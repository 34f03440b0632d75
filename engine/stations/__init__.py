"""Our charging stations: who may connect as one, and what each says of itself.

Invariants:

1. A new connection of a station has a higher generation than all before; what comes on an older one
   changes nothing.
2. Passwords are stored as slow hashes.
3. Each status a connector reports is kept with its time: the log tells charging from parking when a
   session is billed.
"""
