"""Set-up, the processes and the embedded database, and their health.

Everything that ``coalition/__main__.py`` reaches uses the standard library alone, because it runs before anything is
installed. What needs Django lives in ``management/``, ``schedule.py`` and ``gunicorn.py``.
"""
