"""Protocols, scores and calibration: what a number about a model means."""
