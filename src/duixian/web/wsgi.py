"""The door for a web server. What is read here is read once, before the processes part, and shared by them."""

from __future__ import annotations

import gc
import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duixian.web.settings")
application = get_wsgi_application()


def _warm() -> None:
    from django.db import DatabaseError, connections

    from .cases.policies import warm

    try:
        warm()
    except DatabaseError as error:  # not there yet: the first page says so
        logging.getLogger("duixian.web").warning("the policies could not be read ahead: %s", error)
    finally:
        connections.close_all()  # no connection is carried into another process
    gc.collect()
    gc.freeze()  # the collector leaves what is shared alone, so that it stays shared


_warm()
