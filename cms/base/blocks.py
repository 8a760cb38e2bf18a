"""The blocks that bodies are made of. Each has a template of its own in the theme, under ``blocks/``."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

RICH_TEXT = ["bold", "italic", "ol", "ul", "link", "h2", "h3", "document-link"]


class QuoteBlock(blocks.StructBlock):
    """Words of somebody else, verbatim and attributed."""

    text = blocks.TextBlock(label=_("words"), help_text=_("Verbatim, without quotation marks."))
    speaker = blocks.CharBlock(label=_("who said it"), max_length=160)
    role = blocks.CharBlock(label=_("role or organization"), max_length=160, required=False)
    source = blocks.CharBlock(label=_("said or printed where"), max_length=255, required=False)

    class Meta:
        """How editors see it."""

        icon = "openquote"
        label = _("Quotation")
        template = "blocks/quote.html"


class FigureBlock(blocks.StructBlock):
    """A picture with its caption."""

    image = ImageBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), max_length=255, required=False)
    credit = blocks.CharBlock(label=_("photo credit"), max_length=120, required=False)

    class Meta:
        """How editors see it."""

        icon = "image"
        label = _("Picture")
        template = "blocks/figure.html"


class BodyBlock(blocks.StreamBlock):
    """The body of a page."""

    paragraph = blocks.RichTextBlock(label=_("Text"), features=RICH_TEXT, template="blocks/paragraph.html")
    quote = QuoteBlock()
    figure = FigureBlock()

    class Meta:
        """A page may do without a body."""

        required = False
