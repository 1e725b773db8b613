"""The LeRobotDataset v3 layout: the suite's own datasets, and others' that declare what they hold.

Beside what the layout asks for, our datasets hold `meta/longhaul.json`, the conventions of their
vectors, and in the table of episodes each Episode and its segments. An episode is a data file, a
video per camera and a file of that table, which is written last: what it names is complete.
"""
