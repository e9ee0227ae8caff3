"""What may be done with a person's account."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants.errors import FieldError, Invalid
from tenants.models import User

LONGEST_NAME = 120


def register(*, email: str, password: str, name: str = "") -> User | None:
    """Make an account; None where the address has one already, after as much work as making it would be."""
    email, name = email.strip().lower(), _checked_name(name)
    _check_password(password, User(email=email, name=name))
    if filter_users_by_email(email):
        make_password(password)
        return None
    try:
        return _create(email, password, name)
    except IntegrityError:  # somebody registered it between the look and the write
        return None


@transaction.atomic
def _create(email: str, password: str, name: str) -> User:
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    return user


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as refused:
        errors = [
            FieldError("password", error.code or "invalid", message)
            for error in refused.error_list
            for message in error.messages
        ]
        raise Invalid("Choose another password.", errors=errors) from None


def _checked_name(name: str) -> str:
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        detail = f"A name has at most {LONGEST_NAME} characters, on one line."
        raise Invalid(detail, errors=[FieldError("name", "invalid", detail)])
    return name


def rename(*, user: User, name: str) -> User:
    """Change how a person is called."""
    user.name = _checked_name(name)
    user.save(update_fields=["name"])
    return user


def set_active(*, user: User, active: bool) -> User:
    """Close or reopen a person's account; for platform staff, from the admin. Takes effect with their next request."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user
