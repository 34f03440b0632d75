"""Who we exchange with, the parties they speak for, and the credentials of both sides.

Invariants:

1. A token that a partner uses is stored as a hash. The token that we use at a partner's is stored
   as it is, because it must be sent.
2. A first token (OCPI TOKEN_A) works until the handshake is done and never after.
3. A party belongs to one partner, or to us.
"""
