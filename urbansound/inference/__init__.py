"""From a sound and saved weights to words: windows, probabilities, events."""
