"""Addresses: includes only."""

from django.urls import include, path

from generations.admin import site

urlpatterns = [
    path("", include("generations.callbacks")),
    path("", include("generations.web.urls")),
    path("admin/", site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
