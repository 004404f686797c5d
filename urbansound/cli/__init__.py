"""The command line: thin subcommands over the same rooms as the pages."""
