"""Sessions in the database, as Django keeps them; the one read of every page is prepared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from .prepared import prepared


@prepared
def _alive(key: str, now: datetime) -> QuerySet[Any]:
    return SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)


class SessionStore(db.SessionStore):
    """The sessions of `django.contrib.sessions.backends.db`, the same rows and signatures."""

    def _get_session_from_db(self) -> Any:
        found = _alive.first(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
