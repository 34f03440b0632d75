"""Which partner must be shown which version of what, and how far that has come.

Invariants:

1. One row an object and partner: while a partner is down, changes coalesce and only the latest is
   shown.
2. A row is due until its latest version was shown or refused for good; a crash of either side only
   delays it.
3. A row that a gateway took is given to no other for the length of its lease.
"""
