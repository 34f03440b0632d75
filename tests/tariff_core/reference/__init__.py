"""A slow reference for the price of an OCPI charging session.

Every amount is a `Fraction`, every instant an aware `datetime`, every rule a few lines of plain
Python that can be held against the specification. It exists to disagree with `tariff_core`: it
shares no code and no tables with it.

Entry points: `price` for a CDR or Session with its tariffs, `cut` for the periods of a profile.
Read in this order: `documents`, `policies`, `restrictions`, `walk`, `pricing`, `report`, `cutter`.
"""

from .cutter import Stretch, cut, session_of, stretches_of_profile
from .report import price

__all__ = ["Stretch", "cut", "price", "session_of", "stretches_of_profile"]
