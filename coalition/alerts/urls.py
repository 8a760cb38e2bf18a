"""Where one follows, hears, and stops."""

from django.urls import path

from coalition.alerts.views import feeds, following, hearing, keeping

urlpatterns = [
    path("", following.follow, name="follow"),
    path("sent/", following.follow_sent, name="follow_sent"),
    path("confirm/<str:token>/", following.follow_confirmed, name="follow_confirm"),
    path("mine/", keeping.follow_mine, name="follow_mine"),
    path("mine.csv", keeping.follow_mine_csv, name="follow_mine_csv"),
    path("news/", hearing.follow_news, name="follow_news"),
    path("change/<uuid:public_id>/", keeping.follow_change_own, name="follow_change"),
    path("with/<str:token>/", keeping.follow_manage, name="follow_manage"),
    path("stop/<str:token>/", keeping.follow_unsubscribe, name="follow_unsubscribe"),
    path("feed/campaign/<uuid:public_id>/", feeds.campaign_feed, name="campaign_feed"),
    path("feed/organization/<uuid:public_id>/", feeds.organization_feed, name="organization_feed"),
]
