"""The feed: two readers under four writers miss nothing and repeat nothing, also when readers fail midway."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from huiqi import journal
from huiqi.journal import feed, sealing
from huiqi.journal.models import Event, Leaf, Reader
from huiqi.journal.verify import verify

WHO = journal.Who(person=1)


def together(*works: Callable[[], None]) -> None:
    """Run these at once, each with a connection of its own. Raises what any of them raised."""
    problems: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as problem:  # it is raised again below, in the thread of the test
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in problems:
        raise problem


@pytest.mark.django_db(transaction=True)
def test_two_readers_under_four_writers_miss_nothing_and_repeat_nothing() -> None:
    each, writing = 60, threading.Semaphore(4)
    done = threading.Event()
    read: dict[str, list[int]] = {"one": [], "two": []}
    written: list[int] = []

    def write(writer: int) -> None:
        for n in range(each):
            if n % 7 == 3:  # long transactions, which commit out of order, and some that are undone
                with transaction.atomic():
                    kept = journal.note(WHO, "notice.read", details={"writer": writer, "n": n})
                    written.append(kept)
                    with pytest.raises(RuntimeError), transaction.atomic():
                        journal.note(WHO, "notice.read", details={"undone": True})
                        raise RuntimeError
            else:
                written.append(journal.note(WHO, "notice.read", details={"writer": writer, "n": n}))
        writing.release()

    def seal() -> None:
        while not done.is_set():
            sealing.seal(most=17)

    def reading(name: str) -> None:
        fails = 0
        while not (done.is_set() and feed.behind(name) == 0):
            try:
                with feed.read(name, most=13) as events:
                    if events and fails % 5 == 4:
                        raise RuntimeError("the reader dies before its effect is kept")
            except RuntimeError:
                fails += 1
                continue
            fails += 1
            read[name] += [event.pk for event in events]

    def end() -> None:
        for writer in writers:
            writer.join()
        while sealing.waits():
            sealing.seal()
        done.set()

    for _ in range(4):
        writing.acquire()
    writers = [threading.Thread(target=lambda n=n: (write(n), connection.close())) for n in range(4)]
    for writer in writers:
        writer.start()
    together(seal, seal, end, lambda: reading("one"), lambda: reading("two"))

    ours = set(written)
    order = list(Leaf.objects.order_by("position").values_list("event", flat=True))
    assert len(ours) == 4 * each
    assert set(order) == set(Event.objects.values_list("pk", flat=True)) >= ours
    assert list(Leaf.objects.order_by("position").values_list("position", flat=True)) == list(range(len(order)))
    for name, events in read.items():
        assert events == order, name
    assert not Event.objects.filter(details__undone=True).exists()
    verify()


@pytest.mark.django_db
def test_a_reader_that_fails_reads_the_same_again() -> None:
    sealing.seal()
    with feed.read("r") as events:
        pass
    journal.note(WHO, "notice.read")
    journal.note(WHO, "notice.read")
    sealing.seal()
    with pytest.raises(RuntimeError), feed.read("r") as events:
        first = [event.pk for event in events]
        raise RuntimeError
    with feed.read("r") as events:
        assert [event.pk for event in events] == first
        assert len(first) == 2
    with feed.read("r") as events:
        assert events == []
    assert Reader.objects.get(name="r").position == sealing.last_position()
    assert feed.behind("r") == 0


@pytest.mark.django_db
def test_what_is_not_sealed_is_not_read_yet() -> None:
    sealing.seal()
    with feed.read("r"):
        pass
    journal.note(WHO, "notice.read")
    with feed.read("r") as events:
        assert events == []
