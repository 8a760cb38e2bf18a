"""Where coalitions are kept, and their public calendars."""

from django.urls import path

from coalition.coalitions import views

urlpatterns = [
    path("organize/organizations/<uuid:public_id>/together/", views.coalition_desk, name="coalition_desk"),
    path("organize/organizations/<uuid:public_id>/together/ask/", views.affiliation_new, name="affiliation_new"),
    path("organize/affiliations/<uuid:public_id>/answer/", views.affiliation_decide, name="affiliation_decide"),
    path("organize/affiliations/<uuid:public_id>/end/", views.affiliation_leave, name="affiliation_leave"),
    path("organize/organizations/<uuid:public_id>/calendar/", views.calendar_entry_new, name="calendar_entry_new"),
    path("organize/dates/<uuid:public_id>/delete/", views.calendar_entry_delete, name="calendar_entry_delete"),
    path("calendar/<uuid:public_id>/", views.calendar_page, name="calendar_page"),
    path("calendar/<uuid:public_id>.ics", views.calendar, name="calendar"),
]
