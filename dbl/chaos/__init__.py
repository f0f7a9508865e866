"""Trainings that are killed, signalled, torn and starved of room, against one left alone."""
