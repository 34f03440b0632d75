"""What others hear of CDRs."""

from __future__ import annotations

from engine.cdrs.model import Cdr, CdrState
from engine.db.port import NewEvent, Transaction


def tell(tx: Transaction, kind: str, cdr: Cdr) -> None:
    """Tell that `kind` happened to a CDR."""
    tx.emit(
        NewEvent(
            kind,
            cdr.subject,
            partner_id=cdr.partner_id,
            correlation_id=cdr.correlation_id,
            payload={
                "owner": cdr.owner,
                "id": cdr.id,
                "version": cdr.version,
                "state": cdr.state.value,
                "ours": cdr.issued,
                "findings": [finding.code for finding in cdr.findings],
            },
        )
    )


def tell_accepted(tx: Transaction, cdr: Cdr) -> None:
    """Tell that a CDR is final: ours goes out to the eMSP, and the ledger takes either."""
    if cdr.issued:
        tell(tx, "cdr.issued", cdr)
    tell(tx, "cdr.accepted", cdr)


def tell_judged(tx: Transaction, cdr: Cdr) -> None:
    """Tell that a CDR is final, or that it waits for a person."""
    if cdr.state is CdrState.ACCEPTED:
        tell_accepted(tx, cdr)
    else:
        tell(tx, "cdr.held", cdr)
