from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from apps.core import throttles
from apps.core.answers import Json
from apps.core.api import ApiView, OpenView
from apps.core.errors import Invalid
from apps.core.schema import describe
from apps.media import errors, examples, reception, services, storage
from apps.media.addresses import Place, place_of, root_of
from apps.media.kinds import KINDS, PICTURES, VIDEOS, Kind, served_types
from apps.media.reception import Received
from apps.media.serializers import (
    DeletedSerializer,
    DeleteQuery,
    UploadBody,
    UploadQuery,
    UploadRefusedSerializer,
    UploadSerializer,
)
from apps.media.serving import served

TAG = "Media"
REFUSED = OpenApiResponse(
    UploadRefusedSerializer,
    description="empty_file, file_too_large, invalid_file_type, bad_request",
    examples=[OpenApiExample(body["code"], value=body) for body in examples.REFUSED],
)

RANGE = OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes, such as bytes=0-1023")
KNOWN = OpenApiResponse(description="What you have is still true")
PART = OpenApiResponse(OpenApiTypes.BINARY, description="The bytes of the range")
SERVED = tuple(sorted(served_types().values()))


class UploadView(ApiView):
    """Of the file only its bytes are kept: it gets a random name, and the extension of the type that it really has."""

    throttled = {"POST": throttles.MEDIA}

    @describe(
        TAG,
        "Store a picture or a video",
        answer=UploadSerializer,
        query=UploadQuery,
        body=UploadBody,
        multipart={"file": ", ".join((*PICTURES, *VIDEOS))},
        answers={400: REFUSED},
        example=examples.UPLOAD,
    )
    def post(self, request):
        reception.require_multipart(request._request)
        with storage.or_unavailable(), storage.Incoming() as file:
            kind, received = self.read(file)
            place = services.store_file(user_id=request.user.id, kind=kind, received=received)
        url = root_of(request) + place.name
        about = {"size": received.size, "type": kind.name, "bucket": place.bucket}
        return Json({"success": True, "url": url, "filename": place.path, **about})

    def read(self, file: storage.Incoming) -> tuple[Kind, Received]:
        """All that is wrong with the query and with the body is reported together."""
        kind, wrong = None, []
        try:
            kind = KINDS[self.query(UploadQuery)["type"]]
        except Invalid as error:
            wrong = error.sentence
        try:
            received = reception.receive(self.request._request, file, most=kind.most if kind else 0)
        except Invalid as error:
            wrong = wrong + error.sentence
        if wrong:
            raise Invalid(wrong)
        return kind, received


class MediaView(ApiView):
    throttled = {"DELETE": throttles.MEDIA}

    @describe(
        TAG,
        "Delete a file of yours, by the url that the upload answered",
        answer=DeletedSerializer,
        query=DeleteQuery,
        problems=(errors.not_a_storage_url, errors.unknown_bucket, errors.not_owner, errors.file_not_found),
        example=examples.DELETED,
    )
    def delete(self, request):
        place = place_of(self.query(DeleteQuery)["url"], root_of(request))
        with storage.or_unavailable():
            services.delete_file(user_id=request.user.id, place=place)
        return Json({"success": True, "message": "File deleted.", "bucket": place.bucket, "path": place.path})


class StoredFileView(OpenView):
    """Open, also to pages that accept nothing but pictures."""

    def perform_content_negotiation(self, request, force=False):
        return super().perform_content_negotiation(request, force=True)

    @describe(
        TAG,
        "A stored file",
        content=SERVED,
        answers={**{(206, kind): PART for kind in SERVED}, 304: KNOWN},
        parameters=(RANGE,),
        problems=(errors.file_not_found,),
        open=True,
        throttled=False,
    )
    def get(self, request, bucket, user_id, file):
        place = Place(bucket, user_id, file)
        stem, _, extension = file.partition(".")
        opened = services.open_file(place)
        return served(request, opened, etag=f'"{stem}"', content_type=served_types()[extension])
