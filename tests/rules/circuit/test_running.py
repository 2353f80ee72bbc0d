"""Guards, changes, progress, cancelling, memory."""

from __future__ import annotations

import random

import numpy as np
import pytest

from huiqi.rules import parse_rule
from huiqi.rules.circuit import Cancelled, Circuit, Runner, changes, delta, encode, memory_of
from huiqi.rules.circuit.changes import between

from .worlds import table_of_rows, verdicts, world


@pytest.mark.usefixtures("each_kernel")
class TestGuards:
    REGIONS = ("650102", "653101", "653121", "652901", None)

    def answers(self, sort: bool) -> tuple[np.ndarray, np.ndarray, int]:
        source = random.Random(5)
        rows = [
            {"registration_region": source.choice(self.REGIONS), "employees": source.randrange(20)} for _ in range(9000)
        ]
        rules = [
            parse_rule("registration_region like '6531%' and employees > 10"),
            parse_rule("registration_region like '11%' and employees > 10"),
            parse_rule("registration_region is null and employees > 10"),
            parse_rule("not (registration_region like '65%') and employees > 10"),
            parse_rule("registration_region = '652901' or employees > 18"),
        ]
        circuit = Circuit(rules, sorted_by="registration_region")
        codes = encode(circuit, table_of_rows(rows), sort)
        result = Runner(circuit).run(codes, keep=True)
        wanted = verdicts(rules, rows)
        return result.matrix(), wanted if codes.order is None else wanted[codes.order], int(result.kept.sum())

    @pytest.mark.parametrize("sort", [False, True])
    def test_a_rule_that_is_passed_over_is_met_by_nobody(self, sort: bool) -> None:
        got, wanted, _ = self.answers(sort)
        np.testing.assert_array_equal(got, wanted)

    def test_sorting_leaves_fewer_tiles(self) -> None:
        assert self.answers(True)[2] < self.answers(False)[2]


@pytest.mark.usefixtures("each_kernel")
class TestChanges:
    def test_what_is_gained_and_lost_is_the_difference_of_the_answers(self) -> None:
        before, after = world(21, 30, 1500), world(22, 1, 1500)
        circuit = Circuit(before.rules)
        old, new = encode(circuit, before.table), encode(circuit, after.table)
        now = verdicts(before.rules, after.rows)
        change = delta(Runner(circuit), old, new)
        gained = {tuple(pair) for pair in change.gained.tolist()}
        lost = {tuple(pair) for pair in change.lost.tolist()}
        assert gained == set(zip(*np.nonzero((now == 1) & (before.wanted != 1)), strict=True))
        assert lost == set(zip(*np.nonzero((now != 1) & (before.wanted == 1)), strict=True))
        assert gained and lost

    def test_none_is_lost_when_more_changes_than_there_was_room_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before, after = world(21, 30, 1500), world(22, 1, 1500)
        circuit = Circuit(before.rules)
        old, new = encode(circuit, before.table), encode(circuit, after.table)
        wanted = delta(Runner(circuit), old, new)
        for room in (0, 7, len(wanted.gained)):
            monkeypatch.setattr(changes, "ROOM", room)
            found = delta(Runner(circuit), old, new)
            np.testing.assert_array_equal(found.gained, wanted.gained)
            np.testing.assert_array_equal(found.lost, wanted.lost)

    def test_some_enterprises_by_place(self) -> None:
        made = world(23, 20, 5000, depth=2)
        circuit = Circuit(made.rules)
        places = np.array([4999, 0, 17, 2048])
        codes = encode(circuit, made.table).take(places, circuit)
        np.testing.assert_array_equal(Runner(circuit).run(codes, keep=True).matrix(), made.wanted[places])

    def test_nothing_changes_when_nothing_changed(self) -> None:
        made = world(24, 10, 300)
        circuit = Circuit(made.rules)
        codes = encode(circuit, made.table)
        change = delta(Runner(circuit), codes, codes)
        assert change.gained.shape == change.lost.shape == (0, 2)

    def test_a_new_version_of_a_rule(self) -> None:
        made = world(25, 1, 400)
        old = [parse_rule("employees > 5"), parse_rule("is_bingtuan or abnormal_listed")]
        new = [parse_rule("employees > 2"), old[1]]
        answers = []
        for rules in (old, new):
            circuit = Circuit(rules)
            answers.append(Runner(circuit).run(encode(circuit, made.table), keep=True))
        change = between(*answers)
        wanted = [row for row, facts in enumerate(made.rows) if facts["employees"] in (3, 5)]
        assert sorted(change.gained.tolist()) == [[row, 0] for row in wanted]
        assert not len(change.lost)

    def test_other_enterprises_are_refused(self) -> None:
        made = world(26, 2, 10)
        circuit = Circuit(made.rules)
        codes = encode(circuit, made.table)
        with pytest.raises(ValueError, match="10 enterprises before, 3 after"):
            delta(Runner(circuit), codes, codes.take(np.arange(3), circuit))


def test_progress_rises_to_the_end() -> None:
    made = world(31, 5, 50_000, depth=1)
    circuit = Circuit(made.rules)
    told: list[tuple[int, int]] = []
    Runner(circuit).run(encode(circuit, made.table), progress=lambda done, total, _: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (50_000, 50_000)


def test_a_cancelled_run_has_no_answer_and_the_next_one_has() -> None:
    made = world(32, 5, 20_000, depth=1)
    circuit = Circuit(made.rules)
    codes = encode(circuit, made.table)
    runner = Runner(circuit, threads=1)
    with pytest.raises(Cancelled):
        runner.run(codes, progress=lambda *_: runner.cancel())
    np.testing.assert_array_equal(runner.run(codes).certain, (made.wanted == 1).sum(axis=0))


def test_an_interrupt_ends_the_run() -> None:
    made = world(33, 5, 20_000, depth=1)
    circuit = Circuit(made.rules)

    def interrupt(done: int, total: int, seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Runner(circuit, threads=2).run(encode(circuit, made.table), progress=interrupt)


def test_the_memory_of_the_codes_is_foretold() -> None:
    made = world(34, 30, 5000)
    circuit = Circuit(made.rules)
    codes = encode(circuit, made.table)
    foretold, _ = memory_of(circuit, 5000, threads=0)
    assert codes.narrow.nbytes + codes.wide.nbytes <= foretold <= 2 * codes.nbytes + circuit.program.slots * 2048
