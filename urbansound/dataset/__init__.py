"""Datasets on disk: their index, their faults, where to get one."""
