"""A planner in words: a language model plans, an actor carries out, reporters say how it went."""
