"""Billing records: ours, issued when a session completes, and our partners', judged on arrival.

Invariants:

1. A CDR never changes after it was stored, except for its state and what we found about it; a
   mistake is undone by a credit CDR. One of ours that is held was shown to nobody yet: it may be
   priced again.
2. One key, one content: the same CDR again is absorbed, another under its key is refused.
3. A session is billed at most once: the key of an issued CDR is made from its session, and a
   second CDR of a partner for one charge, by its session or by what it says, waits for a person.
4. States change as `TRANSITIONS` says; a CDR with a blocking finding is accepted only by a person.
5. What a CDR says is compared exactly or within a tolerance that the finding names.
"""
