"""What was loaded from data files, so that loading again updates it and never overwrites an editor's work."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class LoadedSet(models.Model):
    """A content set as last loaded, by the hash of its files: nothing is to be done while they are the same."""

    name = models.CharField(max_length=20, primary_key=True)
    files_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Return the set's name."""
        return self.name


class LoadedItem(models.Model):
    """One entry of a data file and the object made from it."""

    key = models.CharField(max_length=200, unique=True)
    content_set = models.CharField(max_length=20)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    target = GenericForeignKey()
    # Of the data as last loaded: differs when the file has changed.
    data_hash = models.CharField(max_length=64)
    # Of the object as loading left it: differs when an editor has changed it since.
    object_hash = models.CharField(max_length=64)

    class Meta:
        """Two entries never make one object."""

        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="content_loaded_once")]

    def __str__(self) -> str:
        """Return the entry's key."""
        return self.key
