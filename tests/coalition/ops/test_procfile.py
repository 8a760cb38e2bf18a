"""The Procfile is read as its other readers do."""

from pathlib import Path

import pytest
from django.conf import settings

from coalition.ops.paths import REPOSITORY
from coalition.ops.procfile import procfile_read
from coalition.ops.refusal import Refusal


def test_names_commands_comments_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text('# them all\n\nweb: serve --port 80\nworker_2:  work --queue "*"\n')
    assert procfile_read(path) == {"web": ["serve", "--port", "80"], "worker_2": ["work", "--queue", "*"]}


@pytest.mark.parametrize("text", ["web serve", "web:", "web: a\nweb: b", 'web: "open'])
def test_a_line_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Procfile"
    path.write_text(text + "\n")
    with pytest.raises(Refusal, match=r"line [12]"):
        procfile_read(path)


def test_a_missing_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="git checkout"):
        procfile_read(tmp_path / "Procfile")


def test_ours_has_the_site_s_processes_and_one_for_each_queue() -> None:
    processes = procfile_read(REPOSITORY / "Procfile")
    assert list(processes) == ["web", "worker", "linker", "beat"]
    queues = [command[command.index("--queue-name") + 1] for command in processes.values() if "--queue-name" in command]
    assert queues == settings.TASK_QUEUES
