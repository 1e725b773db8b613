"""Acts at another control rate than the demonstrations had (`policy.resample=rate`).

A relative action is a motion during one step. In an env of k times the rate it is split into k
equal parts; in an env of a k-th of the rate, k actions of one prediction are joined into one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longhaul.envs.specs import ActionSpec
from longhaul.errors import ConfigError

RATE_TOLERANCE = 1e-3
"""How far a ratio of two rates may be from a whole number: rates in Hz are often rounded."""


class Pace:
    """The actions of one env slot, from the network's rate to the env's."""

    def __init__(self, trained: ActionSpec, rate: float) -> None:
        """`rate` is the env's, in Hz. Raises ConfigError if neither rate is a whole multiple of the
        other."""
        self.trained = trained
        self.split = self.joined = 1
        if rate != trained.rate:
            self.split, self.joined = _whole(rate / trained.rate), _whole(trained.rate / rate)
        if not self.split and not self.joined:
            raise ConfigError(
                f"policy.resample: the env's rate {rate:g} Hz and the trained rate "
                f"{trained.rate:g} Hz are not whole multiples of each other, so that no whole "
                "actions can be split or joined; choose an env of another rate"
            )
        self.split, self.joined = max(self.split, 1), max(self.joined, 1)
        self.clear()

    def clear(self) -> None:
        """Forget what is left of an action."""
        self.left: deque[NDArray[np.float32]] = deque()

    @property
    def due(self) -> bool:
        """Whether the next step needs the network's next actions."""
        return not self.left

    def replan(self, steps: int) -> int:
        """Return the network's steps between two predictions: `steps`, or the nearest number at
        which none of the joined actions comes from another prediction."""
        return max(steps - steps % self.joined, self.joined)

    def take(self, actions: Sequence[NDArray[np.float32]]) -> None:
        """Take the network's next `joined` actions, each (7,): position, rotation, gripper."""
        whole = actions[0] if self.joined == 1 else join(actions, self.trained)
        part = whole if self.split == 1 else np.append(whole[:6] / self.split, whole[6:])
        self.left.extend([part.astype(np.float32)] * self.split)

    def next(self) -> NDArray[np.float32]:
        """Return the env's next action (7,) float32."""
        return self.left.popleft()

    def rest(self) -> NDArray[np.float32]:
        """Return all actions that are left, (k, 7) float32."""
        actions = np.stack(self.left)
        self.clear()
        return actions


def join(actions: Sequence[NDArray[np.float32]], trained: ActionSpec) -> NDArray[np.float32]:
    """Return the action (7,) of several in a row: their motions one after the other, and the last
    gripper command. A motion beyond what an action can say is cut to it.

    Positions and euler angles add up, as CALVIN's controller adds them; rotations as axis and angle
    are composed, in the world frame.
    """
    motions = np.asarray(actions, np.float64)
    total = motions[:, :6].sum(axis=0)
    if trained.rotation == "axis_angle":
        turned = Rotation.identity()
        for motion in motions:
            turned = Rotation.from_rotvec(motion[3:6] * trained.rotation_scale) * turned
        total[3:] = turned.as_rotvec() / trained.rotation_scale
    return np.append(np.clip(total, -1, 1), motions[-1, 6]).astype(np.float32)


def _whole(ratio: float) -> int:
    """Return a ratio that is a whole number, else 0."""
    nearest = round(ratio)
    return nearest if nearest and abs(ratio - nearest) < RATE_TOLERANCE * nearest else 0
