"""What happened: every act of anybody, written in the transaction of the change, never altered, provable.

A change of a row without an act is refused by the database (:mod:`huiqi.journal.coverage`); an act writes one event
(:mod:`huiqi.journal.acts`); a job seals the events into Merkle blocks (:mod:`huiqi.journal.sealing`), and gives each its
place in the one order that readers follow (:mod:`huiqi.journal.feed`). ``docs/decisions/0023-the-journal.md`` says why
it is made so.
"""

from .acts import NOBODY, Act, Who, act, machine, note

__all__ = ["NOBODY", "Act", "Who", "act", "machine", "note"]
