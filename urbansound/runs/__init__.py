"""Run folders, saved models, and the worker processes that make them."""
