"""Making an account and looking at one's own."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import services
from tenants.api import limits
from tenants.api.views import PublicView, SignedInView
from tenants.proving.mail import answer_registration
from tenants.serializers import MeIn, MeOut, RegisterIn, RegisterOut

HOUR = 3600
TRIES_OF_AN_ADDRESS = 20
TRIES_FOR_AN_ACCOUNT = 5
SAID = "If this address had no account here, it has one now. Sign in, or follow the link in our mail if there is one."


class RegisterView(PublicView):
    """The answer is the same for a new address and for a known one."""

    authentication_classes = ()
    refuses = (503,)

    @extend_schema(operation_id="auth_register", request=RegisterIn, responses={202: RegisterOut})
    def post(self, request: Request) -> Response:
        given = self.read(RegisterIn)
        email = given["email"].lower()
        limits.take_or_refuse("register-from", limits.address_of(request), TRIES_OF_AN_ADDRESS, window=HOUR)
        limits.take_or_refuse("register-for", email, TRIES_FOR_AN_ACCOUNT, window=HOUR)
        user = services.register(**given)
        answer_registration(request._request, email, user)
        return Response({"detail": SAID}, status=202)


class MeView(SignedInView):
    @extend_schema(operation_id="users_me", responses=MeOut)
    def get(self, request: Request) -> Response:
        return self.answer(self.user, MeOut)

    @extend_schema(operation_id="users_me_update", request=MeIn, responses=MeOut)
    def patch(self, request: Request) -> Response:
        user = self.check_match(self.user, MeOut)
        given = self.read(MeIn, partial=True)
        return self.answer(services.rename(user=user, **given) if given else user, MeOut)
