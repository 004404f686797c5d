"""What the Train page is made of: the form, the watch over a run, its end."""
