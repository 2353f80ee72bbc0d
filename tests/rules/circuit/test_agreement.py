"""The kernels against the oracle of the bench, which shares no code with the rules library, and against DuckDB."""

from __future__ import annotations

import random

import numpy as np
import pytest
from bench import agree, oracle

from huiqi.rules import dictionary, parse_rule
from huiqi.rules.circuit import Circuit, Runner, encode

from ..generator import Generator
from .worlds import table_of_rows

pytestmark = pytest.mark.usefixtures("each_kernel")


def test_the_readers_agree_on_the_workload_and_on_nested_rules() -> None:
    told = list(agree.check(rows=130, rules=60))
    assert sum("the kernel agrees" in line for line in told) == 2
    assert sum("the oracle and DuckDB agree" in line for line in told) == 2


def test_the_oracle_and_the_kernel_agree_on_the_whole_language() -> None:
    """Arithmetic, CASE, derived facts and all else that a rule may say; numbers are exact on both sides."""
    made = Generator(random.Random(2026))
    rows = [made.row() for _ in range(70)]
    texts = [made.condition(3) for _ in range(150)]
    definitions = {fact.name: fact.derived for fact in dictionary().facts.values() if fact.derived}
    readers = [oracle.reader(text, definitions) for text in texts]
    wanted = [[-1 if (v := read(oracle.facts(row))) is None else int(v) for read in readers] for row in rows]
    circuit = Circuit([parse_rule(text) for text in texts])
    answers = Runner(circuit).run(encode(circuit, table_of_rows(rows)), keep=True)
    np.testing.assert_array_equal(answers.matrix(), np.array(wanted, np.int8))


def test_a_reader_that_is_wrong_about_one_pair_is_found() -> None:
    _, work, _ = next(agree.works(20, 10))
    wanted = agree.oracle_verdicts(work)
    wrong = wanted.copy()
    wrong[7, 3] = 0 if wanted[7, 3] else 1
    agree.compare(work, wanted, "right", wanted.copy())
    with pytest.raises(agree.Disagreement, match="in 1 of 200 pairs"):
        agree.compare(work, wanted, "wrong", wrong)
