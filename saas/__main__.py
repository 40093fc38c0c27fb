"""Entry point of `python -m saas`."""

import sys

from saas.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
