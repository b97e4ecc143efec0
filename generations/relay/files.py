"""File: what POST /v1/files keeps at the relay, to be named in metadata.content. Sending it: client.py."""

from dataclasses import dataclass

from generations.relay import reading
from generations.relay.errors import Malformed
from generations.relay.reading import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """`url` stands in metadata.content; how long it works the relay does not say."""

    id: str
    url: str

    def to_json(self) -> Json:
        return {"id": self.id, "url": self.url}

    @classmethod
    def from_json(cls, body: object) -> "File":
        """Raises Malformed when there is no address that a model could fetch."""
        layers = reading.layers(reading.as_object(reading.clean(body)))
        url = reading.url(layers, is_done=False)
        if url is None:
            raise Malformed("without a file's url")
        return cls(id=reading.first_text(layers, "id")[:200], url=url)
