"""``python -m casewright.cli``."""

import sys

from casewright.cli.door import main

if __name__ == "__main__":
    sys.exit(main())
