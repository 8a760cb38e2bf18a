"""Where allies are found and talked to. All below ``/organize/``."""

from django.urls import path

from coalition.allies.views import finding, introductions

urlpatterns = [
    path("organizations/<uuid:public_id>/allies/", finding.allies, name="allies"),
    path("organizations/<uuid:public_id>/allies/network/", finding.allies_network, name="allies_network"),
    path(
        "organizations/<uuid:public_id>/allies/<uuid:other_id>/",
        introductions.introduction_new,
        name="introduction_new",
    ),
    path("organizations/<uuid:public_id>/introductions/", introductions.introductions, name="introductions"),
    path("organizations/<uuid:public_id>/introductions.csv", introductions.introductions_csv, name="introductions_csv"),
    path("organizations/<uuid:public_id>/blocks/", introductions.organization_blocks, name="organization_blocks"),
    path("introductions/<uuid:public_id>/", introductions.introduction, name="introduction"),
    path("introductions/<uuid:public_id>/answer/", introductions.introduction_answer, name="introduction_answer"),
    path(
        "introductions/<uuid:public_id>/take-back/",
        introductions.introduction_take_back,
        name="introduction_take_back",
    ),
    path("introductions/<uuid:public_id>/together/", introductions.introduction_together, name="introduction_together"),
    path("introductions/<uuid:public_id>/end/", introductions.introduction_close, name="introduction_close"),
]
