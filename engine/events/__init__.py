"""What happened, in order. Others hear of a domain's doings here and nowhere else.

Invariants:

1. An event exists if and only if its cause does: both are in one transaction.
2. Numbers have no gaps, and a reader that continues after the last number it saw misses nothing.
3. A follower handles each event once: its position moves in the transaction of what it did.
"""
