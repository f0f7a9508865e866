"""Trainings that are killed, signalled, torn and starved of room, against one left alone.

It is installed, and not among the tests, since a cluster's own disk and scheduler are worth trying.
"""
