"""A scripted policy that reads simulator state: makes demonstrations, proves tasks solvable."""

from envs.calvin.expert.expert import CalvinExpert

__all__ = ["CalvinExpert"]
