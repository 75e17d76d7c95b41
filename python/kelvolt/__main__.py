import sys

from kelvolt.cli.commands import main

sys.exit(main())
