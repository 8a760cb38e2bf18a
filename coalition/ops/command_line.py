"""The four commands and their options."""

import argparse
import sys

from coalition.ops.paths import data_folder_choose
from coalition.ops.refusal import Refusal, refusal_from
from coalition.ops.signals import Stopped


def main(arguments: list[str]) -> int:
    """Run the command named and return the exit code; a refusal is one sentence on standard error."""
    try:
        return _dispatch(arguments)
    except Refusal as refusal:
        return _refuse(refusal)
    except OSError as error:
        if (known := refusal_from(error)) is None:
            raise
        return _refuse(known)
    except (Stopped, KeyboardInterrupt):
        sys.stderr.write("Stopped.\n")
        return 130


def _refuse(refusal: Refusal) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"{refusal}\n")
    for line in refusal.details.splitlines():
        sys.stderr.write(f"    {line}\n")
    return 1


def _dispatch(arguments: list[str]) -> int:
    parser = _parser()
    # What follows these two is others' own: Django's, or pytest's.
    if arguments[:1] == ["manage"]:
        return _manage(parser, arguments[1:])
    if arguments[:1] == ["test"]:
        wishes, rest = parser.parse_known_args(arguments)
        from coalition.ops.test import test

        return test(
            data_folder_choose(option=wishes.data_dir),
            arguments=rest,
            long=wishes.long,
            only_setup=wishes.only_setup,
            print_venv=wishes.print_venv,
        )
    wishes = parser.parse_args(arguments)
    if wishes.command == "run":
        from coalition.ops.run import Wishes, run

        return run(
            data_folder_choose(option=wishes.data_dir),
            Wishes(
                host=wishes.host,
                port=wishes.port,
                content=not wishes.no_content,
                demonstration=wishes.demonstration,
                verbose=wishes.verbose,
            ),
        )
    from coalition.ops.doctor import doctor

    return doctor(data_folder_choose(option=wishes.data_dir), as_json=wishes.json)


def _manage(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    option = None
    while arguments and arguments[0].startswith("--data-dir"):
        name, given, value = arguments.pop(0).partition("=")
        if name != "--data-dir" or not (given or arguments):
            parser.error("manage: write --data-dir FOLDER before the command")
        option = value if given else arguments.pop(0)
    if arguments[:1] in ([], ["-h"], ["--help"]):
        arguments = ["help"]
    from coalition.ops.manage import manage

    return manage(data_folder_choose(option=option), arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m coalition", description="Set up and run the site, work on it, test it.", allow_abbrev=False
    )
    folder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    folder.add_argument(
        "--data-dir", metavar="D", help="where everything is kept that is not code (COALITION_DATA_DIR; var)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | manage | test | doctor")
    run = commands.add_parser("run", parents=[folder], help="set up what is missing and serve", allow_abbrev=False)
    run.add_argument("--port", type=int, default=8000)
    run.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets your network in")
    run.add_argument("--no-content", action="store_true", help="do not load the first content")
    run.add_argument("--demonstration", action="store_true", help="also load the labelled demonstration set")
    run.add_argument("--verbose", action="store_true", help="repeat everything that the processes say")
    commands.add_parser("manage", parents=[folder], help="any Django command: manage [--data-dir D] COMMAND …")
    test = commands.add_parser("test", parents=[folder], help="set up and run the suite", allow_abbrev=False)
    test.add_argument("--long", action="store_true", help="add what takes long")
    test.add_argument("--only-setup", action="store_true", help="make everything ready and run nothing")
    test.add_argument("--print-venv", action="store_true", help="print the virtual environment's folder and end")
    doctor = commands.add_parser("doctor", parents=[folder], help="what is there, what is degraded", allow_abbrev=False)
    doctor.add_argument("--json", action="store_true", help="for programs")
    return parser
