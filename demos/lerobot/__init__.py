"""The LeRobotDataset v3 layout: the suite's own datasets, and those of others, which a
configuration describes.

In addition to the layout's files our datasets contain `meta/longhaul.json`, the conventions of
their vectors, and in the table of episodes each Episode and its segments. An episode consists of a
data file, a video per camera and a file of that table, which is written last: the episodes that the
table names are complete. In the datasets of others many episodes lie in each file.

lerobot's own tools keep none of these additions when they delete, split or merge episodes. So the
features in `meta/info.json` have the conventions too, and a column of the data files has the
segments: a copy by these tools is opened without options, and lacks the Episodes and their ids.
"""
