"""Addresses: includes only."""

from django.urls import include, path

from generations.admin import site

urlpatterns = [
    path("", include("generations.callbacks")),
    path("", include("generations.web.urls")),
    path("admin/", site.urls),
    path("accounts/", include("allauth.urls")),
]
