"""What the Runs page is made of: the table, one run, several runs, deleting."""
