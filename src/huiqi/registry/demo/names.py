"""Names and credit codes of invented firms, unmistakable as such.

A name is place, two invented characters, the word of the industry, the form and （样例）; the mark is part of the name,
so that it survives every export. The n-th firm with the same place, word and form takes the n-th of 576 pairs of
characters; after the last pair a number inside the mark, as in （样例2）, keeps the names apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huiqi.registry.credit_code import ALPHABET

Ints = npt.NDArray[np.int64]

#: A step without a common factor with 576, so that neighbours in the roster do not share a character.
_STEP = 149

#: Serials have six digits; a prefecture with more firms goes on under the ordinals that no prefecture has.
SERIALS = 1_000_000
_SPARE_ORDINALS = range(70, 100)

_CHECK_WEIGHTS = np.array([pow(3, position, 31) for position in range(17)])
_SERIAL_WEIGHTS = np.array([9, 10, 5, 8, 4, 2])


def names(places: list[str], words: list[str], forms: list[str], sequence: Ints, lists: dict[str, Any]) -> list[str]:
    """The names of firms; ``sequence`` counts the firms of the same place, word and form from 0."""
    first, second, mark = lists["first"], lists["second"], lists["mark"]
    pairs = len(first) * len(second)
    found = []
    for place, word, form, number in zip(places, words, forms, sequence.tolist(), strict=True):
        pair = (number * _STEP + len(place) * 7 + len(word) * 31) % pairs
        again = number // pairs
        own_mark = mark if again == 0 else f"{mark[:-1]}{again + 1}{mark[-1]}"
        found.append(f"{place}{first[pair // len(second)]}{second[pair % len(second)]}{word}{form}{own_mark}")
    return found


def spread_over_ordinals(own: Ints, most: Ints) -> list[Ints]:
    """For each prefecture the ordinals of its first million firms, its second, and so on.

    ``own`` is the ordinal of each prefecture, ``most`` its highest serial. Raises ValueError when the spare ordinals do
    not suffice.
    """
    spare = iter(_SPARE_ORDINALS)
    found = []
    for ordinal, serial in zip(own.tolist(), most.tolist(), strict=True):
        more = [next(spare, -1) for _ in range(serial // SERIALS)]
        if -1 in more:
            raise ValueError("there are not enough fictitious credit codes for so many enterprises")
        found.append(np.array([ordinal, *more]))
    return found


def credit_codes(entity: Ints, ordinals: Ints, serial: Ints) -> pa.Array:
    """The codes of ``credit_code.make_fictitious`` for whole columns."""
    index = {character: position for position, character in enumerate(ALPHABET)}
    digits = serial[:, None] // 10 ** np.arange(5, -1, -1) % 10
    body = digits @ _SERIAL_WEIGHTS + int("Y", 36) * 3 + int("L", 36) * 7
    check = 11 - body % 11
    organisation_check = np.where(check == 10, index["X"], np.where(check == 11, 0, check))

    places = np.empty((len(serial), 18), np.int64)
    places[:, 0], places[:, 1] = 9, entity
    places[:, 2:6] = [6, 5, 9, 9]
    places[:, 6], places[:, 7] = ordinals // 10, ordinals % 10
    places[:, 8], places[:, 9] = index["Y"], index["L"]
    places[:, 10:16] = digits
    places[:, 16] = organisation_check
    places[:, 17] = -(places[:, :17] @ _CHECK_WEIGHTS) % 31
    characters = np.frombuffer(ALPHABET.encode(), np.uint8)[places]
    offsets = np.arange(0, 18 * (len(serial) + 1), 18, dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(serial), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters))
    )
