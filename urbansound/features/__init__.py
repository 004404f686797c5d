"""What a network sees of a sound: log-mel spectrograms, MFCCs, and their cache."""
