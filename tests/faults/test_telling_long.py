"""Twenty people a second tell something for a minute while database and worker are killed: every receipt holds."""

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.site import FaultySite
from tests.faults.telling import opens, tellers

pytestmark = pytest.mark.long

RATE, SECONDS = 20, 60


@pytest.fixture
def site() -> Iterator[FaultySite]:
    """A running site whose limits are raised, without Elasticsearch."""
    place = Path(tempfile.mkdtemp(prefix="coalition-test-", dir="/tmp"))
    place.chmod(0o711)
    made = FaultySite(place, elasticsearch_url="")
    del made.env["ELASTICSEARCH_URL"]
    made.env["COALITION_INTAKE_LIMITS"] = "1000"
    made.command("manage", "--data-dir", str(made.folder.root), "version")
    with made.serving():
        yield made
    shutil.rmtree(place, ignore_errors=True)


def test_every_receipt_that_was_shown_opens_its_submission(
    site: FaultySite, record_property: Callable[[str, object], None]
) -> None:
    def kill() -> None:
        for name in ("postgres", "worker"):
            time.sleep(SECONDS / 3)
            site.kill(name)

    killer = threading.Thread(target=kill)
    killer.start()
    receipts, threads = tellers(site.port, rate=RATE, seconds=SECONDS)
    for thread in threads:
        thread.join()
    killer.join()
    shown = [receipt for receipt in receipts if receipt.words]
    lost = [receipt for receipt in shown if not opens(site.port, receipt)]
    seconds = sorted(receipt.seconds for receipt in shown)
    figures = {
        "told": len(receipts),
        "receipts": len(shown),
        "lost": len(lost),
        "pressed again": sum(receipt.attempts > 1 for receipt in shown),
        "p50": round(statistics.median(seconds), 2),
        "p95": round(seconds[int(len(seconds) * 0.95)], 2),
        "cores": os.cpu_count(),
    }
    for name, value in figures.items():
        record_property(name, value)
    print(figures)  # noqa: T201 - the measurement
    assert lost == []
    assert len({" ".join(receipt.words) for receipt in shown}) == len(shown)
    # Whoever was shown none still has the words on the page; on a machine of two cores nobody is.
    assert len(shown) == len(receipts), [receipt.said for receipt in receipts if not receipt.words][:20]
    assert not [line for line in site.said if "they count our steps" in line]
