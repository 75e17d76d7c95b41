import sys

from kelvolt.cli import main

sys.exit(main())
