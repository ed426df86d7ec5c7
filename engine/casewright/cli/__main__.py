"""``python -m casewright.cli``."""

import sys

from casewright.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
