"""Live sessions: an env and a policy that people watch and control in the viewer."""
