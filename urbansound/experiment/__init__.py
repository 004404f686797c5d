"""The only glue: run spec -> data -> training -> run folder, and saved weights -> scores."""
