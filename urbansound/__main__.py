"""`python -m urbansound COMMAND`."""

import sys

from urbansound.cli.main import main

sys.exit(main())
