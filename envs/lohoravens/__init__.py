"""LoHoRavens: rearrangement of a tabletop by language, one pick-and-place at a time."""
