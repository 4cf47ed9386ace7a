from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(route: str) -> SafeString:
    """A route that a narrow column may break at its slashes."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ([part] for part in route.split("/")))
