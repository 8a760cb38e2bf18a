"""Every address of the site, in the order in which they are tried."""

from django.conf import settings
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from django.views.i18n import set_language
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.archives import views as archives
from coalition import views
from coalition.accounts.dashboard import you
from coalition.accounts.views import setup, to_the_door
from coalition.alerts.views import feeds
from coalition.media import picture
from search import views as searching
from search.sitemaps import SITEMAPS

handler400 = "coalition.views.bad_request"
handler403 = "coalition.views.forbidden"
handler404 = "coalition.views.not_found"
handler500 = "coalition.views.server_error"

urlpatterns = [
    path("search/", searching.search, name="search"),
    path("search/results.csv", searching.search_csv, name="search_csv"),
    path("search/feed/", feeds.search_feed, name="search_feed"),
    path("privacy/", views.privacy, name="privacy"),
    re_path(r"^media/(?P<path>(?:images|avatar_images)/[^/]+)$", picture, name="picture"),
    path("", include("coalition.intake.urls")),
    path("follow/", include("coalition.alerts.urls")),
    path("match/", searching.match, name="match"),
    path("match/not-alike/<uuid:source>/<uuid:target>/", searching.not_alike, name="not_alike"),
    path("topics/<str:scheme>/", searching.topics, name="topics"),
    path("topics/<str:scheme>/<slug:slug>/", searching.topic, name="topic"),
    path("directory/map/", searching.directory_map, name="directory_map"),
    path("directory/print/", searching.directory_print, name="directory_print"),
    path("people/", archives.people, name="people"),
    path("people/<slug:slug>/", archives.person, name="person"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain"), name="robots"),
    path("health/", views.health, name="health"),
    # Choosing a language changes nothing but a cookie of the reader's own: no token, and so no cookie on every page.
    path("language/", csrf_exempt(set_language), name="set_language"),
    path("setup/<str:token>/", setup, name="accounts_setup"),
    path("you/", you, name="you"),
    path("organize/", include("coalition.membership.urls")),
    path("organize/", include("coalition.organizing.urls")),
    path("organize/", include("coalition.allies.urls")),
    path("", include("coalition.coalitions.urls")),
    path("account/", include("coalition.accounts.urls")),
    # The admin has no door of its own: neither sign-in nor forgotten passwords.
    path("admin/login/", to_the_door, name="admin_door"),
    re_path(r"^admin/password_reset/", to_the_door, name="admin_password_door"),
    path("_util/login/", to_the_door, name="page_door"),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

if settings.STYLEGUIDE:
    urlpatterns += [path("styleguide/", views.styleguide, name="styleguide")]

urlpatterns += [path("", include(wagtail_urls))]
