"""Five small sites for web agents, served on 127.0.0.1 under host names of their own."""
