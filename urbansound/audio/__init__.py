"""Sound: files and uploads become mono samples, samples become other samples."""
