"""Where organizations are looked after. All below ``/organize/``."""

from django.urls import path

from coalition.membership.views import applications, members, organizations, profiles

urlpatterns = [
    path("organizations/new/", profiles.organization_new, name="organization_new"),
    path("organizations/merge/", applications.organizations_merge, name="organizations_merge"),
    path("organizations/<uuid:public_id>/", organizations.organization_desk, name="organization_desk"),
    path("organizations/<uuid:public_id>/profile/", profiles.organization_profile, name="organization_profile"),
    path("organizations/<uuid:public_id>/apply/", applications.organization_apply, name="organization_apply"),
    path("organizations/<uuid:public_id>/invite/", organizations.organization_invite, name="organization_invite"),
    path("organizations/<uuid:public_id>/practice/", organizations.organization_practice, name="organization_practice"),
    path("organizations/<uuid:public_id>/people/", organizations.organization_people, name="organization_people"),
    path(
        "organizations/<uuid:public_id>/people.csv",
        organizations.organization_members_csv,
        name="organization_members_csv",
    ),
    path("memberships/<uuid:public_id>/", members.member_change, name="member_change"),
    path("memberships/<uuid:public_id>/leave/", members.member_leave, name="member_leave"),
    path("invitations/<uuid:public_id>/take-back/", members.invitation_take_back, name="invitation_take_back"),
    path("invitations/<uuid:public_id>/", members.invitation_mine, name="invitation_mine"),
    path("invitations/<str:token>/", members.invitation, name="invitation"),
    path("applications/", applications.applications, name="applications"),
    path("applications.csv", applications.applications_csv, name="applications_csv"),
    path("applications/<uuid:public_id>/", applications.application_decide, name="application_decide"),
    path("applications/<uuid:public_id>/take-back/", applications.application_take_back, name="application_take_back"),
]
