"""What people may do with what is installed: take it in, renew it, go back, put it away, and say what may be taken in."""

from marketplace.installs.services.approving import (
    approve,
    refuse_request,
    request_installation,
    request_update,
    withdraw,
)
from marketplace.installs.services.installing import Wish, install_listing
from marketplace.installs.services.removing import forget_copies, remove_installation, restore_installation
from marketplace.installs.services.settling import change_policy, set_update_policy
from marketplace.installs.services.updating import is_edited, roll_back, update_installation

__all__ = [
    "Wish",
    "approve",
    "change_policy",
    "forget_copies",
    "install_listing",
    "is_edited",
    "refuse_request",
    "remove_installation",
    "request_installation",
    "request_update",
    "restore_installation",
    "roll_back",
    "set_update_policy",
    "update_installation",
    "withdraw",
]
