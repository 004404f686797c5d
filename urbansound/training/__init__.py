"""The training loop and what surrounds it: settings, device, checkpoints. Sees tensors only."""
