"""Which words go together is learned from the collection, kept of public documents alone, and needs no encoder."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from search.documents import document_bury, postings_delete, words_forget
from search.matching import latent
from search.matching.evaluation.corpus import Corpus, corpus_load, shadow_tables
from search.matching.signals import vectors
from search.matching.subject import subject_of_document, subject_of_text
from search.matching.vectorizing import documents_vectorize
from search.models import Document, LatentDocument, LatentWord
from search.tasks import sweep

# Words of two subjects; no two texts share more than one of them.
SUBJECTS = {
    "watching": [
        *("camera", "lens", "footage", "screen", "recording"),
        *("keystroke", "badge", "sensor", "tracker", "monitor"),
    ],
    "paying": [
        *("wage", "tariff", "payout", "bonus", "commission"),
        *("deduction", "invoice", "payslip", "earnings", "rate"),
    ],
}


def texts() -> Iterator[dict[str, str]]:
    """Yield 120 texts: of each subject, every pair of its words, and some more with a third."""
    for subject, words in SUBJECTS.items():
        pairs = [(a, b) for i, a in enumerate(words) for b in words[i + 1 :]]
        for number, (a, b) in enumerate([*pairs, *pairs[:15]]):
            yield {"id": f"{subject} {number}", "text": f"The {a} and the {b}."}


@pytest.fixture
def corpus(settings: object) -> Iterator[Corpus]:
    """Two subjects in 120 texts, without an encoder."""
    settings.ENCODER = "none"  # type: ignore[attr-defined]
    with shadow_tables():
        yield corpus_load(list(texts()))


def tables(values: npt.NDArray[np.float64]) -> latent.Table:
    """Return a full table as a sparse one, each row and column of which holds something."""
    rows, columns = np.nonzero(values)
    return latent.Table(np.searchsorted(rows, np.arange(len(values))), columns, values[rows, columns])


sparse = arrays(float, (7, 5), elements=st.sampled_from([0.0, 0.0, 1.0, -2.0, 0.5])).filter(
    lambda values: bool(values.any(axis=0).all() and values.any(axis=1).all())
)


@given(sparse, st.integers(1, 12))
def test_a_sparse_table_multiplies_as_the_full_one_does_whatever_fits_into_memory(
    values: npt.NDArray[np.float64], block: int
) -> None:
    dense = np.arange(15.0).reshape(5, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent, "_BLOCK", block)
        assert np.allclose(tables(values).times(dense), values @ dense)
        assert np.allclose(tables(values).turned().times(np.ones((7, 1))), values.T @ np.ones((7, 1)))


@given(sparse)
def test_the_directions_are_those_of_a_singular_value_decomposition(values: npt.NDArray[np.float64]) -> None:
    found = latent.directions(tables(values), 2)
    _left, sizes, right = np.linalg.svd(values)
    if sizes[1] - sizes[2] > 1e-3:
        assert np.allclose(found @ found.T, right[:2].T @ right[:2], atol=1e-6)


@pytest.mark.django_db
def test_texts_of_one_subject_lie_together_though_they_share_no_word(corpus: Corpus) -> None:
    subject = subject_of_document(corpus.documents["watching 0"])
    assert subject.own is None
    assert subject.latent is not None
    assert subject.latent.shape == (120 // latent.DOCUMENTS_PER_DIRECTION,)
    others = [
        document
        for outside, document in corpus.documents.items()
        if outside != "watching 0" and not {"camera", "lens"} & set(document.body.strip(".").split())
    ]
    scores = vectors.latent(subject, [document.pk for document in others])
    assert scores is not None
    same = np.array(["watching" in outside for document in others for outside in [corpus.outside()[document.pk]]])
    assert scores[same].min() > scores[~same].max()
    assert abs(scores[~same]).max() < 0.01


@pytest.mark.django_db
def test_a_text_of_ones_own_is_placed_by_its_words_and_one_of_unknown_words_nowhere(corpus: Corpus) -> None:
    told = subject_of_text("A tracker and a lens.")
    ids = [corpus.documents["watching 1"].pk, corpus.documents["paying 1"].pk]
    scores = vectors.latent(told, ids)
    assert scores is not None
    assert scores[0] > 0.2
    assert abs(scores[1]) < 0.01
    assert subject_of_text("Zyzzyva qwxzk.").latent is None
    assert vectors.latent(subject_of_text("Zyzzyva qwxzk."), ids) is None


@pytest.mark.django_db
def test_one_that_has_no_place_counts_as_the_least_near(corpus: Corpus) -> None:
    ids = [corpus.documents[name].pk for name in ("watching 1", "watching 2", "paying 1")]
    LatentDocument.objects.filter(document=ids[0]).delete()
    scores = vectors.latent(subject_of_document(corpus.documents["watching 0"]), ids)
    assert scores is not None
    assert scores[0] == scores[2] < scores[1]
    LatentDocument.objects.all().delete()
    assert vectors.latent(subject_of_document(corpus.documents["watching 0"]), ids) is None


@pytest.mark.django_db
def test_a_new_document_is_placed_by_the_directions_as_they_stand(corpus: Corpus) -> None:
    before = dict(LatentWord.objects.values_list("lexeme", "vector"))
    document = corpus.documents["watching 3"]
    LatentDocument.objects.filter(document=document).delete()
    documents_vectorize([document])
    kept = latent.latent_of_document(document.pk)
    place = subject_of_document(document).latent
    assert place is not None
    assert np.allclose(kept, place, atol=1e-3)
    assert {k: bytes(v) for k, v in before.items()} == {
        k: bytes(v) for k, v in LatentWord.objects.values_list("lexeme", "vector")
    }


@pytest.mark.django_db
def test_a_collection_that_has_doubled_is_learned_anew(corpus: Corpus) -> None:
    assert not latent.is_outgrown(documents=240)
    assert latent.is_outgrown(documents=241)
    assert not latent.is_outgrown(documents=latent.FEWEST - 1)


@pytest.mark.django_db
def test_among_few_documents_there_is_nothing_to_learn(settings: object) -> None:
    settings.ENCODER = "none"  # type: ignore[attr-defined]
    with shadow_tables():
        found = corpus_load(list(texts())[: latent.FEWEST - 1])
        assert not LatentWord.objects.exists()
        assert not LatentDocument.objects.exists()
        assert subject_of_document(found.documents["watching 0"]).latent is None


@pytest.mark.django_db
def test_documents_without_a_word_in_common_have_no_directions(settings: object) -> None:
    settings.ENCODER = "none"  # type: ignore[attr-defined]
    with shadow_tables():
        corpus_load([{"id": n, "text": f"zq{n}x"} for n in range(latent.FEWEST)])
        assert latent.latent_take() == 0
        assert not LatentWord.objects.exists()


@pytest.mark.django_db
def test_of_a_large_collection_some_are_read_and_all_are_placed(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent, "MOST_READ", 60)
    monkeypatch.setattr(latent, "BATCH", 50)
    assert latent.latent_take() == 12
    assert LatentDocument.objects.count() == 120


@pytest.mark.django_db
def test_a_withdrawn_word_is_forgotten_and_one_that_others_hold_is_kept(corpus: Corpus) -> None:
    lens = [document.pk for document in corpus.documents.values() if "lens" in document.body]
    Document.objects.filter(pk__in=lens[1:]).update(is_gone=True)
    postings_delete(lens[1:])
    words_forget(["len", "camera"])
    assert LatentWord.objects.filter(lexeme__in=["len", "camera"]).count() == 2
    postings_delete(lens[:1])
    words_forget(["len", "camera"])
    assert list(LatentWord.objects.filter(lexeme__in=["len", "camera"]).values_list("lexeme", flat=True)) == ["camera"]


@pytest.mark.usefixtures("site")
def test_a_page_that_is_taken_off_leaves_no_place_and_the_sweep_no_word_of_its_own() -> None:
    document = Document.objects.present().order_by("pk").first()
    assert document is not None
    LatentDocument.objects.update_or_create(document=document, defaults={"length": 1.0, "vector": b"\0\0"})
    LatentWord.objects.create(lexeme="zyzzyva", rarity=1.0, vector=b"\0\0\0\0")
    document_bury(public_id=document.public_id)
    assert not LatentDocument.objects.filter(document=document).exists()
    sweep()
    assert not LatentWord.objects.filter(lexeme="zyzzyva").exists()
