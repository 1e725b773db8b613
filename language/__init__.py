"""Chat back ends and sentence embeddings, for planners, generators and web agents.

`chat` is the contract; `endpoint`, `local`, `lexical` and `scripted` implement it.
"""
