"""Addresses: includes only."""

from django.urls import include, path

urlpatterns = [
    path("", include("generations.callbacks")),
    path("", include("generations.web.urls")),
    path("accounts/", include("allauth.urls")),
]
