"""Both kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huiqi.rules.circuit import backend, changes, codes, kernel, plain, run, single


@pytest.fixture(params=["compiled", "numpy"])
def each_kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The test runs once on each kernel."""
    chosen = kernel if request.param == "compiled" else plain
    for module in (backend, changes, codes, run, single):
        monkeypatch.setattr(module, "kernel", chosen)
    yield request.param
