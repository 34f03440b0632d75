"""OCPI for partners: HTTP in, gRPC out, and what the engine owes partners the other way.

Read `app.py` for what is served, `push.py` and `commands.py` for what is sent. A version of OCPI
is a folder (`v221/`) with one file a module; nothing outside it knows how that version spells
anything.

Invariants:
1. A number is a `Decimal` from the JSON text to the contract and back; `decimals.py` alone rounds.
2. Whoever is answered beyond versions and credentials holds a token of a finished handshake.
3. A partner reads and writes only what it owns or what concerns it.
4. What a partner sent is kept as it was sent, beside what we understood.
5. A partner that is slow or down holds up nobody else.

A new version is a new folder whose `dialect.py` makes a `Dialect`, named in `versions.py`.
"""
