"""Gymnasium environments of Longhaul, registered lazily.

`import longhaul.envs` loads neither torch nor a simulator: an entry point is a string, and
`gymnasium.make` imports its module. Adding an environment is one folder, one YAML and one line
here.
"""

from gymnasium.envs.registration import register

for _name, _entry_point in {
    "longhaul/Calvin-v0": "longhaul.envs.calvin.env:make",
    "longhaul/LhVln-v0": "longhaul.configs.lhvln:make",
    "longhaul/LoHoRavens-v0": "longhaul.envs.lohoravens.env:make",
    "longhaul/VideoWebArena-v0": "longhaul.envs.videowebarena.env:make",
}.items():
    register(id=_name, entry_point=_entry_point)
