"""Where campaigns are run. All below ``/organize/``."""

from django.urls import path

from coalition.organizing.views import campaigns, joining, reviews, steps, updates

urlpatterns = [
    path("campaigns/", campaigns.mine, name="campaign_mine"),
    path("organizations/<uuid:organization>/campaigns/", campaigns.listed, name="campaign_list"),
    path("organizations/<uuid:organization>/campaigns.csv", campaigns.listed_csv, name="campaign_list_csv"),
    path("organizations/<uuid:organization>/campaigns/new/", campaigns.start, name="campaign_start"),
    path("campaigns/<uuid:campaign>/", campaigns.manage, name="campaign_manage"),
    path("campaigns/<uuid:campaign>/edit/<slug:step>/", steps.step, name="campaign_step"),
    path("campaigns/<uuid:campaign>/preview/", campaigns.show, name="campaign_preview"),
    path("campaigns/<uuid:campaign>/publish/", campaigns.publish, name="campaign_publish"),
    path("campaigns/<uuid:campaign>/remove/", reviews.remove_campaign, name="campaign_remove"),
    path("campaigns/<uuid:campaign>/organizations/", joining.organizations, name="campaign_organizations"),
    path("campaigns/<uuid:campaign>/join/", joining.join, name="campaign_join"),
    path("campaigns/<uuid:campaign>/leave/<uuid:organization>/", joining.leave, name="campaign_leave"),
    path("joins/<uuid:join>/", joining.answer, name="campaign_join_request"),
    path("campaigns/<uuid:campaign>/updates/new/", updates.new, name="update_new"),
    path("campaigns/<uuid:campaign>/updates/<uuid:update>/", updates.write, name="update_write"),
    path("updates/<uuid:update>/", updates.edit, name="update_edit"),
    path("updates/<uuid:update>/preview/", updates.show, name="update_preview"),
    path("updates/<uuid:update>/remove/", reviews.remove_update, name="update_remove"),
    path("updates/<uuid:update>/versions/", reviews.versions, name="update_versions"),
    path("reviews/<uuid:page>/", reviews.review, name="update_review"),
    path("reviews/<uuid:page>/withdraw/", reviews.withdraw, name="update_withdraw"),
]
