"""Button and switch, and what they do to the lights."""

from __future__ import annotations

from longhaul.envs.calvin.lights import Lights


def lights(lightbulb: int = 0, led: int = 0) -> Lights:
    made = Lights(button_threshold=0.01, switch_threshold=0.044)
    made.reset(lightbulb, led)
    return made


def test_the_led_toggles_once_a_press() -> None:
    table = lights()
    seen = []
    for button in (0.0, 0.009, 0.011, 0.02, 0.011, 0.0, 0.02, 0.02, 0.0):
        table.update(button, 0.0)
        seen.append(table.led)
    assert seen == [0, 0, 1, 1, 1, 1, 0, 0, 0]
    assert table.lightbulb == 0


def test_the_bulb_follows_the_switch() -> None:
    table = lights()
    seen = []
    for switch in (0.0, 0.044, 0.045, 0.088, 0.044, 0.0):
        table.update(0.0, switch)
        seen.append(table.lightbulb)
    assert seen == [0, 0, 1, 1, 0, 0]
    assert table.led == 0


def test_a_reset_sets_the_lights_whatever_the_switch() -> None:
    """calvin_env leaves a bulb that was reset to on alone until the switch comes on and off."""
    table = lights(lightbulb=1, led=1)
    table.update(0.0, 0.0)
    assert (table.lightbulb, table.led) == (1, 1)
    table.update(0.02, 0.088)
    assert (table.lightbulb, table.led) == (1, 0)
    table.update(0.0, 0.0)
    assert (table.lightbulb, table.led) == (0, 0)
