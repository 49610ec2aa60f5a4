"""`python -m bot`: a clear word for a Python that is too old or too new, then the verbs."""

import sys

if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.stderr.write(
        "Copydesk needs Python 3.11, 3.12 or 3.13; this is {}.{}. Install one of them and run make run again.\n".format(
            *sys.version_info[:2]
        )
    )
    sys.exit(2)

from bot.cli import main

main()
