"""What stands before the app: which names it answers to, and who gets in."""
