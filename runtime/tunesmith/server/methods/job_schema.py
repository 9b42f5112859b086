"""`tunesmith/jobSchema`."""

from __future__ import annotations

from tunesmith.protocol.catalog import METHODS, JobSchema, JobSchemaParams
from tunesmith.protocol.method import request
from tunesmith.server.session import Session

MEMBER = request("tunesmith/jobSchema", METHODS)


async def answer(session: Session, params: JobSchemaParams) -> JobSchema:
    """The same as `tunesmith schema` prints."""

    def make() -> JobSchema:
        from tunesmith.catalog import Catalog
        from tunesmith.job.json_schema import json_schema

        return JobSchema(schema=json_schema(Catalog()))

    return await session.in_thread(make)
