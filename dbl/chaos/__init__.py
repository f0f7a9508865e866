"""Trainings that are killed, signalled, damaged and starved of room, against one left alone.

This is installed, not kept with the tests, so that a cluster's own disk and scheduler can be tried.
"""
