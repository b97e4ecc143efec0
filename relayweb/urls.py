"""Addresses: includes only."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("generations.web.urls")),
]
