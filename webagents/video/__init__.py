"""The methods by which an agent reads a video, behind one contract."""
