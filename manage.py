#!/usr/bin/env python
"""Django's commands, for someone who keeps an environment of their own.

``python3 -m coalition manage COMMAND`` does the same with the environment and database made and started for you.
"""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings.development")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
