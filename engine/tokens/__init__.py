"""Tokens, ours and our partners', and the decision whether one may charge.

Invariants:

1. A token's key is (owner, type, uid) without regard to case; only its owner's platform writes it.
2. A refusal is an answer. Each decision is stored with its reason, so that a session can name it.
3. Where the issuer must be asked, no answer in time is decided by the whitelist, never by chance.
"""
