"""The one table of methods, in the order of the docs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tunesmith.protocol import catalog, control, environment, jobs, live, queue, runs, series, session, use
from tunesmith.protocol.method import Method, Notification, Request

AREAS = (session, environment, catalog, jobs, control, runs, series, use, queue, live)

METHODS: tuple[Method, ...] = tuple(method for area in AREAS for method in area.METHODS)

BY_NAME: Mapping[str, Method] = MappingProxyType({method.name: method for method in METHODS})

REQUESTS: tuple[Request, ...] = tuple(method for method in METHODS if isinstance(method, Request))

NOTIFICATIONS: tuple[Notification, ...] = tuple(method for method in METHODS if isinstance(method, Notification))
