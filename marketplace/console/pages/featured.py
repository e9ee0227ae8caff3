"""What the market shows first."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.console import access, featuring
from marketplace.console.pages.base import ConsolePage
from marketplace.moderation import services
from tenants.errors import DomainError


class FeatureForm(forms.Form):
    address = forms.CharField(label="Listing", max_length=101, help_text="Its address, as publisher/name.")
    until = forms.DateField(label="Until the end of", widget=forms.DateInput(attrs={"type": "date"}))


class Featured(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(FeatureForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FeatureForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            listing = featuring.feature(**form.cleaned_data, by=self.user)
        except DomainError as error:
            form.add_error(None, error.detail)
            return self.page(form, status=error.status)
        messages.success(request, f"{listing} is featured.")
        return redirect("admin:console_featured")

    def page(self, form: FeatureForm, *, status: int = 200) -> HttpResponse:
        return self.show(
            "featured.html",
            status=status,
            form=form,
            listings=featuring.featured(),
            most=settings.FEATURED_AT_MOST,
            room="/admin/featured/",
        )


class EndFeature(ConsolePage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        listing = access.get_listing(pk)
        try:
            services.feature(listing.pk, until=None, by=self.user)
        except DomainError as error:
            return self.refuse(error, "admin:console_featured")
        messages.success(request, f"{listing} is no longer featured.")
        return redirect("admin:console_featured")
