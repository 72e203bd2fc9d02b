"""Addresses of the HTTP API name the property: `/v1/properties/{property}/…`."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from relay_server.problems import Problem
from relay_server.service_tokens import ServiceTokens

PROPERTIES: Final = "/v1/properties"
PROPERTY: Final = f"{PROPERTIES}/{{property}}"

PropertyId = Annotated[str, Path(alias="property", min_length=1, max_length=64, description="The id of the property")]
_BEARER = HTTPBearer(auto_error=False, description="The service token of the calling system, for this property")


def require_served(property_id: str, served: str) -> None:
    """Problem (404) unless that property is found at this relay."""
    if property_id != served:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "property_unknown",
            f"The property {property_id} is not found at this relay.",
            "Correct the property in the path, or ask the relay that serves it.",
        )


def origin_for(served: str, tokens: ServiceTokens) -> Callable[..., str]:
    """A dependency: the origin system that the request's token stands for at the property of its path.

    401 for no known token, 403 for one of another property than the path's, 404 for a property that this relay does not serve.
    """

    def origin_of_token(
        property_id: PropertyId, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
    ) -> str:
        caller = tokens.caller(given.credentials) if given is not None else None
        if caller is None:
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "token_unknown",
                "The request carries no service token that is known here.",
                "Send Authorization: Bearer with the token that the operator issued for this system.",
                {"WWW-Authenticate": 'Bearer realm="crdt-pms relay"'},
            )
        if caller.property_id != property_id:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "token_of_another_property",
                f"The service token is not one for the property {property_id}.",
                "Send the token that the operator issued for this system there, or correct the property in the path.",
            )
        require_served(property_id, served)
        return caller.origin

    return origin_of_token
