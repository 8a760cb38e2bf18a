"""Links in what people paste: which may stay, and what in them only follows the reader."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Parameters that say who clicked where, and nothing about what is found there.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|li_fat_id|igshid|igsh|yclid|mc_cid|mc_eid|"
    r"mkt_tok|_hsenc|_hsmi|hsctatracking|vero_id|vero_conv|oly_enc_id|oly_anon_id|sc_cid|s_cid|wickedid|ml_subscriber"
    r"(_hash)?|sourceid_\w+|emci|emdi|ceid|_openstat|spm|ref_src|ref_url|trk|trkcampaign|rb_clickid|epik|srsltid)$",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ud800-\udfff<>\"`\\]")
LONGEST = 2000


def link_clean(address: str) -> tuple[str, bool]:
    """Return the address as it may stand on a page, and whether something in it was for tracking.

    The address is empty when it may not stand there: another scheme, no host, or characters that no address has.
    """
    address = address.strip()
    if len(address) > LONGEST or _FORBIDDEN.search(address):
        return "", False
    try:
        parts = urlsplit(address)
        scheme, host, _port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return "", False
    if scheme not in SCHEMES:
        return "", False
    if scheme in ("mailto", "tel"):
        # A mail's subject and text are the writer's to choose; the address alone is the link.
        return (f"{scheme}:{parts.path}", False) if parts.path else ("", False)
    if not host or "@" in parts.netloc:
        return "", False
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
    # A query is only put together anew where something was taken out of it: sites are particular about theirs.
    query = urlencode(kept) if len(kept) < len(pairs) else parts.query
    return urlunsplit((scheme, parts.netloc, parts.path, query, parts.fragment)), len(kept) < len(pairs)
