"""Whether a reply is one that the service model allows."""

import base64
import binascii

from texts import Texts

# What every operation may answer, beside the errors that the model declares for it.
ANY_OPERATION = {
    "SerializationException", "InvalidParameterException", "NotAuthorizedException", "ResourceNotFoundException",
    "UnsupportedOperationException", "ValidationException", "AccessDeniedException", "MissingAuthenticationTokenException",
    "UserNotFoundException",  # Of a token whose user has been deleted, and of user names in operations about devices.
}
# Names of attributes that the service tells are longer than it takes them: phone_number_verified, and those with `custom:`.
LONGER = ".SchemaAttributes[].Name"


class Replies:
    """Replies of the operations of one service model."""

    def __init__(self, model):
        self.model = model
        self.texts = {}

    def wrong_with(self, operation, reply):
        """What the output shape of the operation does not allow in the reply: a list of places and reasons."""
        output = self.model["operations"][operation].get("output")
        found = []
        if output is not None:
            self._look(reply, output, operation, found)
        elif reply not in (None, {}):
            found.append(f"{operation}: a body where the model has none")
        return found

    def wrong_with_error(self, operation, name, body):
        """What is wrong with an error."""
        declared = set(self.model["operations"][operation].get("errors", ()))
        if name not in declared | ANY_OPERATION:
            return [f"{operation}: {name} is not among its errors"]
        if not isinstance(body.get("message"), str) or not body["message"]:
            return [f"{operation}: {name} without a message"]
        return []

    def _look(self, value, shape_name, place, found):
        shape = self.model["shapes"][shape_name]
        kind = shape["type"]
        if kind == "structure":
            if not isinstance(value, dict):
                found.append(f"{place}: not an object")
                return
            if shape.get("document"):
                return
            for member, how in shape["members"].items():
                if member in value:
                    self._look(value[member], how["shape"], f"{place}.{member}", found)
                elif how.get("required"):
                    found.append(f"{place}.{member}: required, and not there")
            found.extend(f"{place}.{member}: the model has no such member" for member in value if member not in shape["members"])
        elif kind == "list":
            if not isinstance(value, list):
                found.append(f"{place}: not a list")
                return
            self._bounds(len(value), shape, place, found)
            for inner in value:
                self._look(inner, shape["member"], f"{place}[]", found)
        elif kind == "map":
            if not isinstance(value, dict):
                found.append(f"{place}: not a map")
                return
            for key, inner in value.items():
                self._look(key, shape["key"], f"{place} key", found)
                self._look(inner, shape["value"], f"{place}[{key}]", found)
        elif kind == "string":
            self._string(value, shape, place, found)
        elif kind == "boolean":
            if not isinstance(value, bool):
                found.append(f"{place}: not a boolean")
        elif kind in ("integer", "long"):
            if isinstance(value, bool) or not isinstance(value, int):
                found.append(f"{place}: not an integer")
            else:
                self._bounds(value, shape, place, found)
        elif kind == "timestamp":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                found.append(f"{place}: not a time")
        elif kind == "blob":
            try:
                base64.b64decode(value, validate=True)
            except (TypeError, ValueError, binascii.Error):
                found.append(f"{place}: not base64")
        else:
            found.append(f"{place}: a shape of the kind {kind}")

    def _string(self, value, shape, place, found):
        if not isinstance(value, str):
            found.append(f"{place}: not a text")
            return
        if "enum" in shape and value not in shape["enum"]:
            found.append(f"{place}: {value!r} is not among its values")
        if not place.endswith(LONGER):
            self._bounds(len(value), shape, place, found)
        pattern = shape.get("pattern")
        if pattern is not None:
            texts = self.texts.setdefault(pattern, None) or Texts(pattern)
            self.texts[pattern] = texts
            if not texts.allows(value):
                found.append(f"{place}: {value[:60]!r} does not match {pattern}")

    @staticmethod
    def _bounds(size, shape, place, found):
        if size < shape.get("min", size):
            found.append(f"{place}: {size} is less than {shape['min']}")
        if size > shape.get("max", size):
            found.append(f"{place}: {size} is more than {shape['max']}")
