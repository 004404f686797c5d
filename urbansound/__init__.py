"""UrbanSound Lab: hear, understand, train and use urban sound classification."""

__version__ = "0.6.0"
