"""The one endpoint both providers report to (SAAS.md §3.2, B1, B2)."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.providers.interface import ProviderError
from billing.services import inbox
from billing.tasks import wake_event
from billing.webhooks.signature import BadSignature

logger = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
SIGNATURE_HEADERS = {"stripe": "Stripe-Signature", "builtin": "Billing-Signature"}


@csrf_exempt  # other servers post here; the signature is what lets them in
@require_POST
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """Check the signature, store the event, answer 200; a worker does the rest."""
    header = SIGNATURE_HEADERS.get(provider)
    if header is None:
        return _refused("provider.unknown", 404)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _refused("event.too_large", 413)
    try:
        event_id = inbox.receive(provider, request.body, request.headers.get(header, ""))
    except BadSignature as error:
        logger.warning("A webhook of %s was refused: %s", provider, error)
        return _refused("signature.invalid", 400)
    except ProviderError as error:
        logger.warning("A webhook of %s can't be read: %s", provider, error.message)
        return _refused("event.invalid", 400)
    wake_event(event_id)
    return JsonResponse({"received": True})


def _refused(code: str, status: int) -> HttpResponse:
    return JsonResponse({"code": code}, status=status)
