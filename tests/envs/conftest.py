"""What the tests of envs and of what draws them share."""

from __future__ import annotations

from typing import Any

import pytest

from longhaul.envs.render.layers import Layer


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows with each picture that a layer is laid under."""
    calls: list[int] = []
    under = Layer.under

    def counted(self: Layer, *arguments: Any) -> Any:
        calls.append(1)
        return under(self, *arguments)

    monkeypatch.setattr(Layer, "under", counted)
    return calls
