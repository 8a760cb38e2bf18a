"""``python3 -m coalition run | manage | test | doctor``: the one door for whoever runs the site.

This file must parse on any Python 3, so that an old one gets a sentence and not a traceback: no newer syntax here.
"""

import os
import sys

OLDEST = (3, 11)


def main() -> int:
    """Refuse a Python or a system that cannot serve, then hand over to the command named."""
    if sys.version_info < OLDEST:
        sys.stderr.write(
            f"Coalition needs Python {OLDEST[0]}.{OLDEST[1]} or newer and this is {sys.version_info[0]}."
            f"{sys.version_info[1]}: install a newer one and call it by name: python3.12 -m coalition run.\n"
        )
        return 1
    if os.name != "posix":
        sys.stderr.write("Coalition runs on Linux and macOS: on Windows, use it inside WSL.\n")
        return 1
    from coalition.ops.command_line import main as command_line

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
