"""The API speaks JSON and nothing else."""

from rest_framework.negotiation import BaseContentNegotiation

from apps.core.errors import not_acceptable

ACCEPTED = {"*/*", "application/*", "application/json"}


class JsonOnly(BaseContentNegotiation):
    def select_parser(self, request, parsers):
        return parsers[0]

    def select_renderer(self, request, renderers, format_suffix=None):
        accept = request.META.get("HTTP_ACCEPT")
        if accept and not any(_accepts(part) for part in accept.split(",")):
            raise not_acceptable()
        return renderers[0], "application/json"


def _accepts(media_range: str) -> bool:
    kind, _, parameters = media_range.partition(";")
    refused = any(
        part.strip().replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for part in parameters.split(";")
    )
    return kind.strip().lower() in ACCEPTED and not refused
