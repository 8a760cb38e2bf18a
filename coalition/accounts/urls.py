"""Addresses below ``/account/``: our own pages, then allauth's."""

from django.urls import include, path

from coalition.accounts import views

urlpatterns = [
    path("", views.profile, name="account"),
    path("sessions/", views.sessions, name="account_sessions"),
    path("data/", views.data, name="account_data"),
    path("data/download/", views.data_download, name="account_data_download"),
    path("delete/", views.delete, name="account_delete"),
    path("", include("allauth.urls")),
]
