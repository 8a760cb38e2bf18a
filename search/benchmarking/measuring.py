"""Times queries one after another, and many at once."""

import concurrent.futures
import math
import multiprocessing
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection

from search.benchmarking.bare import Bare
from search.benchmarking.queries import Question
from search.engines.base import Engine
from search.engines.choosing import engine
from search.expansion import ExpandedText, Synonyms, expand
from search.pages import search
from search.suggesting import completions, counted
from search.vocabulary import Vocabulary

Times = defaultdict[str, list[float]]
# As the site is served: so many processes of so many threads.
PROCESSES, THREADS = 2, 4


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return number, median, 95th and 99th percentile (nearest rank), in milliseconds."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)], 1)

    return {"n": len(ordered), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99)}


def answer(question: Question) -> None:
    """Answer a question as the site does: up to the page of results, the list of suggestions, the nearest documents."""
    if question.vector is not None:
        engine().nearest(question.vector, question.query, limit=question.query.size)
    elif question.kind == "suggestion":
        synonyms = Synonyms.load()
        text = expand(question.query.text, synonyms)
        counted(completions(question.query, text, synonyms, Vocabulary.load("en")), engine(), synonyms)
    else:
        search(question.query, path="/search/")


def measure(questions: Sequence[Question], answering: Engine, bare: Bare) -> dict[str, dict[str, Any]]:
    """Return, by kind, the times of our whole answer, of our engine alone, and of the bare engine query.

    They take turns question by question, so that whatever else the machine does meets them alike, and whole answer and
    bare query take turns in coming first, which is when something has to be read from the disk. Our engine alone comes
    last: what it asks is what the whole answer asked, and an engine may still know.
    """
    whole, ours, alone = (Times(list) for _ in range(3))
    synonyms = Synonyms.load()
    for number, question in enumerate(questions):
        text = _understood(question, synonyms)
        turns: list[tuple[Times, Callable[[], object]]] = [(whole, partial(answer, question))]
        if question.kind != "suggestion":
            turns.append((alone, bare(question, text)))
        if number % 2:
            turns.reverse()
        if question.kind != "suggestion" and question.vector is None:
            turns.append((ours, partial(answering.search, question.query, text)))
        for times, call in turns:
            times[question.kind].append(_timed(call))
    return {
        kind: {
            "answer": percentiles(whole[kind]),
            **({"engine": percentiles(ours[kind])} if kind in ours else {}),
            **({"bare": percentiles(alone[kind])} if kind in alone else {}),
        }
        for kind in whole
    }


def warm(questions: Sequence[Question], bare: Bare) -> None:
    """Ask questions without looking at the time: what has just been started takes several times as long at first.

    Args:
        questions: others than those that are measured, which nobody may know the answers of.
        bare: prepares the bare engine query.
    """
    synonyms = Synonyms.load()
    for question in questions:
        answer(question)
        if question.kind != "suggestion":
            bare(question, _understood(question, synonyms))()


def _understood(question: Question, synonyms: Synonyms) -> ExpandedText:
    return ExpandedText() if question.vector is not None else expand(question.query.text, synonyms)


def throughput(questions: Sequence[Question]) -> dict[str, float]:
    """Return how many questions a second are answered when eight clients ask at once, and the memory of a process.

    They ask through connections of their own, in processes that inherit where this one looks.
    """
    parts = [list(questions[start::PROCESSES]) for start in range(PROCESSES)]
    connection.close()
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
        # Once to read what a process keeps, then for the time.
        list(processes.map(_clients, [part[:THREADS] for part in parts]))
        started = time.perf_counter()
        memory = list(processes.map(_clients, parts))
        seconds = time.perf_counter() - started
    return {"queries_per_second": round(len(questions) / seconds, 1), "process_megabytes": max(memory)}


def _clients(questions: list[Question]) -> int:
    def client(number: int) -> None:
        try:
            for question in questions[number::THREADS]:
                answer(question)
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(client, range(THREADS)))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
