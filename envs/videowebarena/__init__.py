"""Browser tasks as a Gymnasium environment, over `webagents`."""
