"""What is stopped, and on whose word it goes on. What a decision blocked goes on by another decision, on the thing's own page."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.console import access, blocking
from marketplace.console.pages.base import ConsolePage
from marketplace.enforcement.models import Block
from marketplace.moderation.models import ReasonCode
from tenants.errors import DomainError

SHOWN = 200


class BlockForm(forms.Form):
    """A block of something that is no listing: a manifest by its digest, or a tool by its name."""

    scope = forms.ChoiceField(
        label="What", choices=(("digest", "One manifest, by its digest"), ("tool", "One tool, by its name"))
    )
    target = forms.CharField(label="Digest or name", max_length=100)
    kind = forms.ChoiceField(label="How hard", choices=Block.Kind.choices)
    reason_code = forms.ChoiceField(label="Reason", choices=ReasonCode.choices)
    reason = forms.CharField(
        label="Explanation", max_length=2000, widget=forms.Textarea, help_text="For everybody who holds it."
    )


class Blocks(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(BlockForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BlockForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            made = blocking.set_block(**form.cleaned_data, by=self.user)
        except DomainError as error:
            form.add_error(None, error.detail)
            return self.page(form, status=error.status)
        waits = made.signoff == Block.SignOff.PENDING
        messages.success(
            request, f"{made} is set{'; a second person has to agree before it is hard' if waits else ''}."
        )
        return redirect("admin:console_blocks")

    def page(self, form: BlockForm, *, status: int = 200) -> HttpResponse:
        past = "all" in self.request.GET
        rows = Block.objects.all() if past else Block.objects.active()
        found = rows.select_related("version__listing", "listing", "publisher").defer("version__manifest")
        return self.show(
            "blocks.html",
            status=status,
            form=form,
            past=past,
            rows=[(block, blocking.possible(block, self.user)) for block in found.order_by("-created_at")[:SHOWN]],
            room="/admin/blocks/",
        )


class ActOnBlock(ConsolePage):
    """Lift it, stand behind it, or be its second person."""

    def post(self, request: HttpRequest, block_id: UUID) -> HttpResponse:
        block = access.get_block(block_id)
        try:
            said = blocking.do(block, request.POST.get("deed", ""), why=request.POST.get("why", ""), by=self.user)
        except DomainError as error:
            return self.refuse(error, "admin:console_blocks")
        messages.success(request, f"{block.target_name}: {said}.")
        return redirect("admin:console_blocks")
