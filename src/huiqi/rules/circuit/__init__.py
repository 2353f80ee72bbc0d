"""Many rules over many enterprises at the speed of memory.

Read in this order: :mod:`huiqi.rules.axes` turns each condition into intervals of one value; :mod:`.build` joins the conditions of
all rules into one circuit; :mod:`.codes` turns the facts of enterprises into small whole numbers; :mod:`.kernel` runs the
circuit over them; :mod:`.run` shares the work between threads and keeps the answers.
"""

from .build import Circuit
from .changes import Delta, between, delta
from .codes import Codes, encode
from .run import Answers, Cancelled, Runner, memory_of
from .single import Judgement, Single

__all__ = [
    "Answers",
    "Cancelled",
    "Circuit",
    "Codes",
    "Delta",
    "Judgement",
    "Runner",
    "Single",
    "between",
    "delta",
    "encode",
    "memory_of",
]
