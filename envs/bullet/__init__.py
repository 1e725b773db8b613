"""PyBullet worlds: bodies, arms with inverse kinematics, grippers, contacts, snapshots."""
