"""The last answer to "everyone by everything", kept so that the next one can be compared with it.

What is kept are the codes of all enterprises and the rules that they were made for: a tenth of the room of the answers,
from which these are reckoned again in less time than they would be read. The arrays are mapped into the memory of every
process that wants them. A state is written whole under another name and then renamed; one that was made with another
dictionary of facts, whose codes would mean something else, is not used.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings

from huiqi.registry.snapshot import Snapshot
from huiqi.rules import RuleProblem, language, parse_rule
from huiqi.rules.circuit import Circuit, Codes, encode

from .library import Library, Policy
from .match import REGION, circuit_of, table_of

_ARRAYS = ("narrow", "wide", "zones", "organisations")


@dataclass(frozen=True)
class Held:
    """A policy that was open: its id, its rule as text, whether enterprises see it."""

    id: str
    rule: str
    shown: bool


@dataclass(frozen=True)
class Resident:
    """All enterprises and all open policies of a day, ready to be answered. ``organisations`` has the ids by place."""

    stamp: str
    on: dt.date
    policies: tuple[Held, ...]
    circuit: Circuit
    codes: Codes
    organisations: npt.NDArray[np.int64]
    made_at: dt.datetime

    @property
    def name(self) -> str:
        """The same for the same facts, day, rules and meaning of the codes."""
        return _name(self.stamp, self.on, self.circuit, self.policies)


def name_of(facts: Snapshot, of: Library, on: dt.date) -> str:
    """The name that the present state would have; told without making it."""
    policies, circuit = circuit_of(of, on)
    return _name(facts.stamp, on, circuit, _held(policies))


def resident(facts: Snapshot, of: Library, on: dt.date, now: dt.datetime) -> Resident:
    """The present state, made from a snapshot of the facts."""
    policies, circuit = circuit_of(of, on)
    table = table_of(facts.table, on)
    organisations = facts.table["organisation"].to_numpy().astype(np.int64)
    return Resident(facts.stamp, on, _held(policies), circuit, encode(circuit, table), organisations, now)


def _held(policies: list[Policy]) -> tuple[Held, ...]:
    return tuple(Held(policy.id, policy.rule.text, policy.shown) for policy in policies)


def _name(stamp: str, on: dt.date, circuit: Circuit, policies: tuple[Held, ...]) -> str:
    """The facts, the day, and a digest of the rules and of what the codes say."""
    digest = hashlib.sha256()
    for policy in policies:
        digest.update(f"{policy.id}\0{policy.rule}\0{policy.shown}\n".encode())
    for axis in circuit.axes:
        digest.update(f"{axis.key}\0{axis.kind}\0{axis.boundaries}\n".encode())
    return f"{stamp}-{on}-{digest.hexdigest()[:16]}"


# --- the file ---------------------------------------------------------------------------------------------------------


def _folder() -> Path:
    return Path(settings.HUIQI_HOME) / "matches"


def keep(state: Resident) -> None:
    """Write a state and remove those before it. Raises OSError when there is no room for it."""
    folder = _folder() / state.name
    draft = _folder() / f".{state.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    arrays: dict[str, npt.NDArray[Any]] = {
        "narrow": state.codes.narrow,
        "wide": state.codes.wide,
        "zones": state.codes.zones,
        "organisations": state.organisations,
    }
    for name, array in arrays.items():
        np.save(draft / f"{name}.npy", array)
    about: dict[str, Any] = {
        "stamp": state.stamp,
        "on": state.on.isoformat(),
        "made_at": state.made_at.isoformat(),
        "rows": state.codes.rows,
        "block": state.codes.block,
        "policies": [[policy.id, policy.rule, policy.shown] for policy in state.policies],
    }
    (draft / "about.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    for old in _folder().iterdir():
        if old.name != folder.name:
            shutil.rmtree(old, ignore_errors=True)


def kept() -> Resident | None:
    """The state that was kept last; None when there is none or its codes no longer mean what they meant."""
    with contextlib.suppress(OSError):
        for folder in _folder().iterdir():
            if not folder.name.startswith(".") and (found := _open(folder)) is not None:
                return found
    return None


def _open(folder: Path) -> Resident | None:
    try:
        about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="c") for name in _ARRAYS}
        policies = tuple(Held(*policy) for policy in about["policies"])
        circuit = Circuit([parse_rule(policy.rule) for policy in policies], REGION, language())
        codes = Codes(about["rows"], about["block"], arrays["narrow"], arrays["wide"], arrays["zones"])
        found = Resident(
            about["stamp"],
            dt.date.fromisoformat(about["on"]),
            policies,
            circuit,
            codes,
            arrays["organisations"],
            dt.datetime.fromisoformat(about["made_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RuleProblem):
        return None
    return found if found.name == folder.name else None
