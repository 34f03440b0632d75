"""The store: one port, two databases.

A unit of work is a coroutine that awaits nothing but its transaction. On PostgreSQL it runs on the
event loop; on SQLite it runs to completion inside the one writer thread, together with every other
that waits, in one commit. So the domains are written once, and a batch costs one trip either way.

Invariants:

1. What `Database.write` returns has been committed durably; what raised has changed nothing.
2. Events are numbered from 1 without gaps, in the order in which their transactions committed.
3. A unit of work may be run again after it lost a race; it must not have effects outside its
   transaction.
"""
