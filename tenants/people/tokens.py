"""Signing a program in, keeping it signed in, and ending that."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.views import PublicView
from tenants.proving import tokens
from tenants.proving.passwords import user_of_password
from tenants.serializers import RefreshIn, SignInIn, TokensOut


class TokenDoor(PublicView):
    """A stale token in the header must not keep anybody from getting a new one."""

    authentication_classes = ()


class TokenView(TokenDoor):
    refuses = (401, 403, 503)

    @extend_schema(operation_id="auth_token", request=SignInIn, responses={200: TokensOut})
    def post(self, request: Request) -> Response:
        user = user_of_password(request._request, **self.read(SignInIn))
        return Response(asdict(tokens.sign_in(user)))


class RefreshView(TokenDoor):
    """Each refresh token works once; an old one shown again ends the sign-in."""

    refuses = (401,)

    @extend_schema(operation_id="auth_token_refresh", request=RefreshIn, responses={200: TokensOut})
    def post(self, request: Request) -> Response:
        return Response(asdict(tokens.renew(self.read(RefreshIn)["refresh"])))


class RevokeView(TokenDoor):
    """End a sign-in. An unknown token is answered alike."""

    @extend_schema(operation_id="auth_token_revoke", request=RefreshIn, responses={204: None})
    def post(self, request: Request) -> Response:
        tokens.revoke(self.read(RefreshIn)["refresh"])
        return Response(status=204)
