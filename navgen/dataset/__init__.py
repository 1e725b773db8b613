"""Generated data on disk: our own layout, and LHPR-VLN's."""
