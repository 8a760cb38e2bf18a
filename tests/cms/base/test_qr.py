"""QR codes, read back module by module."""

import re

import segno

from cms.base.qr import QUIET_ZONE, qr_svg


def modules(svg: str) -> set[tuple[int, int]]:
    """Return row and column of each dark module that an SVG draws, without the white frame."""
    path = re.search(r'stroke="#000"[^>]*\bd="([^"]+)"|\bd="([^"]+)"[^>]*stroke="#000"', svg)
    assert path
    found: set[tuple[int, int]] = set()
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])\s*(-?[\d.]+)(?:[ ,]*(-?[\d.]+))?", path[1] or path[2]):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            found |= {(int(y) - QUIET_ZONE, int(x) + i - QUIET_ZONE) for i in range(int(first))}
            x += int(first)
    return found


def dark(content: str) -> set[tuple[int, int]]:
    """Return row and column of each dark module of a text's code."""
    matrix = segno.make_qr(content, error="m").matrix
    return {(y, x) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


def test_the_drawing_is_the_code_of_the_text_and_of_no_other() -> None:
    svg = qr_svg("https://coalition.example/campaigns/one/")
    assert modules(svg) == dark("https://coalition.example/campaigns/one/")
    assert modules(svg) != dark("https://coalition.example/campaigns/two/")


def test_it_has_a_white_ground_and_nothing_that_the_security_policy_forbids() -> None:
    svg = qr_svg("https://coalition.example/")
    assert 'fill="#fff"' in svg
    assert "style=" not in svg
    assert "<script" not in svg
