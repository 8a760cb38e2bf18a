"""A PDF that broke off is told from one that is whole."""

import io

import pytest

from cms.base.pdf import BEGINS, is_whole_pdf

WHOLE = BEGINS + b"1.7\n1 0 obj\n<< >>\nendobj\nxref\n0 1\ntrailer\n<< /Size 1 >>\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize("behind", [b"", b"\n" * 3000])
def test_a_whole_one_is_whole_whatever_stands_behind_it(behind: bytes) -> None:
    assert is_whole_pdf(io.BytesIO(WHOLE + behind))


def test_one_that_broke_off_or_is_only_a_beginning_is_not() -> None:
    assert not is_whole_pdf(io.BytesIO(WHOLE[: WHOLE.index(b"startxref") + 4]))
    assert not is_whole_pdf(io.BytesIO(BEGINS))
    assert not is_whole_pdf(io.BytesIO(WHOLE + b" " * 5000))
