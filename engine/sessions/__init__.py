"""Sessions: our record of each charge, as our stations or our partners report it.

Invariants:

1. What a station says happened is stored, even when it is late, repeated, or about a refused token.
2. The same start gives the same session and the same transaction id, however often it is told.
3. A completed session changes no more. A different second stop is kept beside it.
4. The tariff is the one in force when the session starts, sealed by version.
5. Nothing a station says can end or change another station's session.
"""
