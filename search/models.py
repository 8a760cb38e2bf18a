"""The searchable projection of everything public, what engines read, and the links between documents.

A row of :class:`Document` is written in the transaction that publishes its page. It is the Postgres index and the
outbox at once: whoever still has work to do for a document sees it by comparing versions.
"""

from collections.abc import Sequence

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a document is."""

    STORY = "story", _("Story")
    CAMPAIGN = "campaign", _("Campaign")
    UPDATE = "update", _("Campaign update")
    RESOURCE = "resource", _("Resource")
    ORGANIZATION = "organization", _("Organization")
    EVENT = "event", _("Event")
    SESSION = "session", _("Session")


class DocumentQuerySet(models.QuerySet["Document"]):
    """Reads of documents that are used in more than one place."""

    def present(self) -> "DocumentQuerySet":
        """Leave out tombstones."""
        return self.filter(is_gone=False)


class Document(models.Model):
    """One public page, flattened: what is searched, counted, shown in lists, and matched.

    A page that is no longer public leaves a tombstone: id and version, no text.
    """

    public_id = models.UUIDField(unique=True)
    page_id = models.BigIntegerField(null=True, db_index=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Taken from a sequence at every write, so that the last state always carries the highest version.
    version = models.BigIntegerField(db_index=True)
    # The version whose links were computed last; the rest of the outbox waits while it is lower.
    linked_version = models.BigIntegerField(default=0)
    # Taken from the same sequence whenever an engine beside the database has to hear something, be it only a vector;
    # and the revision that every index of it has confirmed. What lies between is the outbox.
    revision = models.BigIntegerField(default=0)
    sent_revision = models.BigIntegerField(default=0)
    # When the revision came to be, so that one sees how long it waits.
    revised_at = models.DateTimeField(default=timezone.now)
    is_gone = models.BooleanField(default=False)

    language = models.CharField(max_length=10, default="en")
    title = models.TextField(blank=True)
    standfirst = models.TextField(blank=True)
    body = models.TextField(blank=True)
    labels = models.TextField(blank=True)
    url = models.TextField(blank=True)
    date = models.DateField(null=True)
    # Facet values as "facet:value"; a value of a tree brings all values above it, so that a parent counts a page once.
    facets = ArrayField(models.TextField(), default=list)
    # The concepts it carries itself, as "scheme:slug".
    concepts = ArrayField(models.TextField(), default=list)
    products = ArrayField(models.TextField(), default=list)
    vendors = ArrayField(models.TextField(), default=list)
    # NAICS subsectors, a bare sector spelled out into all of its own: documents that share one are of one industry.
    subsectors = ArrayField(models.TextField(), default=list)
    sectors = ArrayField(models.TextField(), default=list)
    # What lists show beside title and standfirst.
    card = models.JSONField(default=dict)
    is_demonstration = models.BooleanField(default=False)

    # Weighted words: A headline, B standfirst, C labels, D body.
    words = SearchVectorField(null=True)
    # Number of words, each counted with its field's weight.
    length = models.FloatField(default=0)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        """Facets and words are found by inverted indexes."""

        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [
            GinIndex(fields=["words"], name="search_document_words"),
            GinIndex(fields=["facets"], name="search_document_facets"),
            models.Index(
                models.F("date").desc(nulls_last=True),
                "public_id",
                name="search_document_newest",
                condition=models.Q(is_gone=False),
            ),
            models.Index(
                fields=["-version"],
                name="search_document_unlinked",
                condition=models.Q(linked_version__lt=models.F("version")),
            ),
            # What is gone is sent first.
            models.Index(
                fields=["-is_gone", "revision"],
                name="search_document_unsent",
                condition=models.Q(sent_revision__lt=models.F("revision")),
            ),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class IndexState(models.Model):
    """Something about the index as a whole, by name: for one, the code that documents were last written by."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.TextField()

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class EngineIndex(models.Model):
    """An index that an engine beside the database keeps. Every change goes to each of them until it is deleted."""

    class State(models.TextChoices):
        """Where it stands: being filled, answering, or kept for a while in case one has to go back to it."""

        BUILDING = "building", _("being built")
        SERVING = "serving", _("answering")
        RETIRED = "retired", _("retired")

    name = models.CharField(max_length=80, primary_key=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """At most one answers."""

        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="serving"), name="search_engineindex_one_serving"
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Word(models.Model):
    """A word as people write it, and what stemming makes of it: where spelling is corrected from.

    Words are only ever added as documents come; one whose stem stands in no document any more corrects nothing, and the
    sweep takes it out.
    """

    word = models.TextField()
    language = models.CharField(max_length=10)
    lexeme = models.TextField(db_index=True)

    class Meta:
        """The trigram index is made by the migration where the extension is there."""

        verbose_name = _("word")
        constraints = [models.UniqueConstraint(fields=["word", "language"], name="search_word_once")]

    def __str__(self) -> str:
        """Return the word."""
        return self.word


class Passage(models.Model):
    """A sentence of a document, so that two documents can show what they have to tell each other."""

    # The constraint below is an index of it already.
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="passages", db_index=False)
    position = models.PositiveIntegerField()
    text = models.TextField()
    text_hash = models.CharField(max_length=64)

    class Meta:
        """In the order of the text."""

        ordering = ["document_id", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="search_passage_place")]

    def __str__(self) -> str:
        """Return the sentence."""
        return self.text


class Embedding(models.Model):
    """A text's vector, kept by the text's hash and the encoder's name: recomputed when either changes, never else."""

    text_hash = models.CharField(max_length=64)
    encoder = models.CharField(max_length=80)
    # float32, little-endian, unit length.
    vector = models.BinaryField()

    class Meta:
        """One vector a text and encoder."""

        constraints = [models.UniqueConstraint(fields=["text_hash", "encoder"], name="search_embedding_once")]

    def __str__(self) -> str:
        """Return hash and encoder."""
        return f"{self.text_hash[:12]} {self.encoder}"


class LatentWord(models.Model):
    """A stemmed word's place among the collection's directions (``search.matching.latent``)."""

    lexeme = models.TextField(primary_key=True)
    # Of the documents that the directions were taken from (search.bm25).
    rarity = models.FloatField()
    # float32, little-endian, as long as the word weighs.
    vector = models.BinaryField()

    def __str__(self) -> str:
        """Return the word."""
        return self.lexeme


class LatentDocument(models.Model):
    """A document's place among the collection's directions."""

    document = models.OneToOneField(Document, primary_key=True, on_delete=models.CASCADE, related_name="+")
    # Of its words together: each weighs how often it stands there and how rare it is (search.matching.words).
    length = models.FloatField()
    # 16 bits a component, little-endian, unit length.
    vector = models.BinaryField()

    def __str__(self) -> str:
        """Return the document."""
        return str(self.document_id)


class Link(models.Model):
    """A match the machine suggests: from one document to another, with its reasons."""

    source = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="links")
    target = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="backlinks")
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    reasons = models.JSONField(default=dict)

    class Meta:
        """Best first."""

        ordering = ["source_id", "rank"]
        constraints = [models.UniqueConstraint(fields=["source", "target"], name="search_link_once")]

    def __str__(self) -> str:
        """Return both ends."""
        return f"{self.source_id} → {self.target_id}"


class JudgementManager(models.Manager["Judgement"]):
    """Reads verdicts as seen from either end."""

    def confirmed_with(self, ids: Sequence[int]) -> list[tuple[int, int]]:
        """Return which documents editors confirmed some to be the same struggle with.

        Args:
            ids: of the documents.

        Returns:
            One of them and the other in each row, in order; a pair of which both are asked about, both ways.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT first_id, second_id FROM search_judgement
                WHERE verdict = %(verdict)s AND first_id = ANY(%(ids)s)
                UNION ALL
                SELECT second_id, first_id FROM search_judgement
                WHERE verdict = %(verdict)s AND second_id = ANY(%(ids)s)
                ORDER BY 1, 2
                """,
                {"verdict": Judgement.Verdict.CONFIRMED.value, "ids": list(ids)},
            )
            return [(int(one), int(other)) for one, other in cursor.fetchall()]


class Judgement(models.Model):
    """An editor's word on two documents, in both directions. It beats the machine, and teaches it."""

    class Verdict(models.TextChoices):
        """What the editor says."""

        CONFIRMED = "confirmed", _("the same struggle")
        DISMISSED = "dismissed", _("not alike")

    first = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    reason = models.CharField(_("reason"), max_length=255, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(_("when"), auto_now=True)

    objects = JudgementManager()

    class Meta:
        """One word a pair, whichever way round."""

        verbose_name = _("judgement")
        verbose_name_plural = _("judgements")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="search_judgement_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="search_judgement_ordered"),
        ]

    def __str__(self) -> str:
        """Return both ends and the verdict."""
        return f"{self.first_id} ~ {self.second_id}: {self.verdict}"


class Doubt(models.Model):
    """A reader's “not alike” about two linked documents: that it was said and on which day, not by whom.

    It decides nothing: it brings the pair before an editor.
    """

    first = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    said_on = models.DateField(_("when"), default=timezone.localdate)
    # Of a signed-in member: a keyed hash of account and pair, so that it counts once and names nobody.
    account_mark = models.CharField(max_length=64, blank=True)

    class Meta:
        """Either way round it is the same pair; an account counts once."""

        verbose_name = _("reader's doubt")
        verbose_name_plural = _("readers' doubts")
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="search_doubt_ordered"),
            models.UniqueConstraint(
                fields=["account_mark"], condition=~models.Q(account_mark=""), name="search_doubt_once"
            ),
        ]
        indexes = [models.Index(fields=["said_on", "first", "second"], name="search_doubt_day")]

    def __str__(self) -> str:
        """Return both ends."""
        return f"{self.first_id} ~ {self.second_id}"


__all__ = [
    "Document",
    "Doubt",
    "Embedding",
    "EngineIndex",
    "IndexState",
    "Judgement",
    "Kind",
    "LatentDocument",
    "LatentWord",
    "Link",
    "Passage",
    "Word",
]
