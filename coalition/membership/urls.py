"""Where organizations are looked after. All below ``/organize/``."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
