"""The Classify page's parts: the sound, the models, what they heard, and when."""
