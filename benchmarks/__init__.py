"""Figures that README and docs quote, each by a command that anyone can run."""
