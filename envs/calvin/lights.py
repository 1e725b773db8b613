"""The logic between the table's button and switch and its lights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Lights:
    """The LED toggles on each press of the button; the lightbulb follows the switch.

    Thresholds are joint positions in meters, in the middle of each joint's range. As in calvin_env,
    a press counts when the button comes down past its threshold. A reset sets the lights whatever
    the switch's position is; the switch acts when it next passes its threshold. Whether the button
    was down before a reset is remembered, as in calvin_env at 797142c (its button.py).
    """

    button_threshold: float
    switch_threshold: float
    lightbulb: int = 0
    led: int = 0
    pressed: bool = False
    switched: bool = False

    def reset(self, lightbulb: int, led: int) -> None:
        """Set both lights, 0 or 1. A button that was down stays so until the next update."""
        self.lightbulb = lightbulb
        self.led = led
        self.switched = False

    def update(self, button: float, switch: float) -> None:
        """Follow the joint positions (m) after a control step."""
        pressed = button > self.button_threshold
        if pressed and not self.pressed:
            self.led = 1 - self.led
        self.pressed = pressed
        switched = switch > self.switch_threshold
        if switched != self.switched:
            self.lightbulb = int(switched)
        self.switched = switched
