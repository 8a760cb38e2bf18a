"""Making copies without what devices write into files. Each kind is made anew from what is known to be harmless.

What these modules do not know for certain they do not copy, and raise ``NotCleanableError``. They know no Django: they
run in a process of their own (``child``), with little memory and time, and without the right to write any file.
"""


class NotCleanableError(Exception):
    """No copy can be made of which it is certain that it holds nothing but sound, pixels or text."""
