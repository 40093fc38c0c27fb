"""The product's name and looks for templates, so that one setting rebrands everything."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, str]:
    """Template context: `product_name`, `product_color`, `product_logo`, `support_email`."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "product_color": settings.PRODUCT_COLOR,
        "product_logo": settings.PRODUCT_LOGO,
        "support_email": settings.SUPPORT_EMAIL,
    }
