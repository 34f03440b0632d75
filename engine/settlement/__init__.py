"""Money: a double-entry ledger, the poster of accepted CDRs, and settlement periods.

A transfer has one debit and one credit account, one currency and an amount above zero, so the book
balances by construction. Entries and transfers are only ever added; a correction is a new entry
that names what it reverses.

Invariants, checked by `VerifyLedger`:

1. In each currency the debits of all accounts equal the credits.
2. The balance of an account is the sum of its transfers.
3. A transfer is in the currency of both its accounts.
4. The transfers of an entry sum to what the entry moves from debtor to creditor.
5. Every POSTED CDR has exactly one entry, and every entry of a CDR belongs to a POSTED one.
6. Recorded instants strictly increase in a book, and those of two entries do not interleave.
7. Periods follow each other without gap or overlap, and their statements hold every entry of theirs
   exactly once.
8. A statement read again is the statement that was closed.
"""
