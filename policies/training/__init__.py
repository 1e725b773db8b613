"""One trainer for every policy that learns from demonstrations."""
