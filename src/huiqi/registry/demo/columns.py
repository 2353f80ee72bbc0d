"""From arrays of a chunk to typed Arrow columns; NULL is what is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiqi.registry.size import CLASSES
from huiqi.rules.dictionary import Fact

from .chance import Bools

MONEY = pa.decimal128(18, 4)
_TEN_THOUSANDTHS = 10_000


def arrow_type(fact: Fact) -> pa.DataType:
    """The type of a fact's column."""
    if fact.type == "text":
        return pa.string() if fact.name in ("uscc", "tech_sme_number") else pa.dictionary(pa.int16(), pa.string())
    return {
        "boolean": pa.bool_(),
        "integer": pa.int32(),
        "decimal": MONEY,
        "date": pa.date32(),
        "enum": pa.dictionary(pa.int8(), pa.string()),
        "set": pa.list_(pa.string()),
    }[fact.type]


def _decimals(values: npt.NDArray[Any], null: Bools) -> pa.Array:
    """Decimals with four places, exact: the two halves of a 128-bit integer, low first."""
    whole = np.round(values * _TEN_THOUSANDTHS).astype(np.int64)
    halves = np.empty((len(whole), 2), np.int64)
    halves[:, 0], halves[:, 1] = whole, whole >> 63
    validity = pa.array(~null).buffers()[1]
    return pa.Array.from_buffers(MONEY, len(whole), [validity, pa.py_buffer(halves)])


def _sets(
    values: npt.NDArray[Any], null: Bools, members: tuple[str, ...] | None, words: list[list[str]] | None
) -> pa.Array:
    """Lists of members from bit masks, or from positions in a list of lists."""
    unique, inverse = np.unique(values, return_inverse=True)
    if words is not None:
        lists = [words[position] for position in unique.tolist()]
    else:
        lists = [[code for bit, code in enumerate(members or ()) if mask >> bit & 1] for mask in unique.tolist()]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(inverse, mask=null))


def column(fact: Fact, values: npt.NDArray[Any], null: Bools, words: list[Any] | None) -> pa.Array:
    """The column of one fact; ``words`` are the texts or lists to which positions refer."""
    if fact.type == "decimal":
        return _decimals(values, null)
    if fact.type == "set":
        return _sets(values, null, tuple(m.code for m in fact.members) if fact.members else None, words)
    if fact.type == "date":
        return pa.array(values.astype(np.int32), pa.int32(), mask=null).cast(pa.date32())
    kind = arrow_type(fact)
    if fact.type in ("enum", "text"):
        labels = words if words is not None else [m.code for m in fact.members or ()]
        if not pa.types.is_dictionary(kind):
            return pa.array(labels).take(pa.array(values, mask=null))
        return pa.DictionaryArray.from_arrays(
            pa.array(values.astype(kind.index_type.to_pandas_dtype()), mask=null), pa.array(labels)
        )
    return pa.array(values.astype(kind.to_pandas_dtype()), kind, mask=null)


def size_column(ranks: npt.NDArray[np.int8]) -> pa.Array:
    """A size class from the codes of ``classify_columns``."""
    return pa.DictionaryArray.from_arrays(pa.array(ranks, pa.int8(), mask=ranks < 0), pa.array(CLASSES))
