"""How an agent takes a video in: each way a small module behind one contract."""
