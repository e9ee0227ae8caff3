"""Django's settings, by subject. What differs between machines comes from `config.environment`."""

from __future__ import annotations

from config.settings.api import *  # noqa: F403
from config.settings.applications import *  # noqa: F403
from config.settings.base import *  # noqa: F403
from config.settings.browser import *  # noqa: F403
from config.settings.database import *  # noqa: F403
from config.settings.logs import *  # noqa: F403
from config.settings.people import *  # noqa: F403
from config.settings.queue import *  # noqa: F403
from config.settings.redis import *  # noqa: F403
from config.settings.site import *  # noqa: F403
from config.settings.work import *  # noqa: F403
