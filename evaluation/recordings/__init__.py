"""What is kept of episodes step by step: videos, recordings for the viewer, and demonstrations."""
