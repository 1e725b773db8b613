"""LH-VLN: a robot in a house follows one instruction through several dependent subtasks."""
