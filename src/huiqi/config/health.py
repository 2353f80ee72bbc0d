"""Whether the service can answer, for a load balancer or a watchdog."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from huiqi.law.calendars import warn_of_gaps


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 ``ok`` when the database answers, 503 ``database`` when it does not.

    With ``?detail`` also what somebody has to look after, as JSON: the years that a calendar lacks. It stays 200, since
    the service answers all the same.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    if "detail" in request.GET:
        missing = [{"calendar": gap.calendar, "year": gap.year} for gap in warn_of_gaps(timezone.localdate())]
        return JsonResponse({"database": "ok", "calendar_missing": missing})
    return HttpResponse("ok\n", content_type="text/plain")
