"""How good the matcher is, by measurement: the sources' own pairs, and any judged corpus."""
