"""The viewer: a local web server, its pages, and exports of runs as web pages or for Rerun."""
