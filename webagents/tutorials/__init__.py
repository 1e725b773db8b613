"""Video tutorials: scripted demonstrations on the local sites, recorded in a real browser."""
