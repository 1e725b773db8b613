"""The walkable surface of a scene: how it is made from meshes, walked on and measured."""
