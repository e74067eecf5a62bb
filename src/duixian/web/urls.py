"""The whole town on one page: every address is a Route of a desk; signing in is allauth's."""

from __future__ import annotations

from django.urls import include, path

from .cases.routes import ROUTES
from .seats import patterns

urlpatterns = [*patterns(ROUTES), path("account/", include("allauth.urls"))]
handler400 = "duixian.web.cases.views.public.not_taken"
handler404 = "duixian.web.cases.views.public.not_found"
handler500 = "duixian.web.cases.views.public.failed"
handler403 = "duixian.web.cases.views.public.forbidden"
