"""What pages share: the shell, the look, the words, the player, the data at hand."""
