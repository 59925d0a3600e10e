"""Checks JSON web tokens that are signed with a shared secret (HS256). The only module that needs PyJWT."""

from collections.abc import Callable

import jwt


def signed_check(secret: bytes, issuer: str | None, audience: str | None, skew_s: int) -> Callable[[str], str | None]:
    """What tells what is wrong with a token; None: it is good. It has to say when it expires, and who made it and for
    whom where that is expected."""
    required = ["exp", *(["iss"] if issuer is not None else []), *(["aud"] if audience is not None else [])]
    options: jwt.types.Options = {"require": required, "verify_iat": False, "verify_aud": audience is not None}

    def checked(token: str) -> str | None:
        try:
            claims = jwt.decode(
                token, secret, algorithms=["HS256"], issuer=issuer, audience=audience, leeway=skew_s, options=options
            )
        except jwt.ExpiredSignatureError:
            return "expired websocket jwt"
        except jwt.ImmatureSignatureError:
            return "websocket jwt is not valid yet"
        except jwt.InvalidAudienceError:
            return "websocket jwt audience mismatch"
        except jwt.InvalidIssuerError:
            return "websocket jwt issuer mismatch"
        except jwt.MissingRequiredClaimError as error:
            return MISSING.get(error.claim, INVALID)
        except (jwt.PyJWTError, ValueError, RecursionError):  # the last two: of a token that nobody in good faith has made
            return INVALID
        return None if type(claims["exp"]) is int else INVALID

    return checked


INVALID = "invalid websocket jwt"
MISSING = {"aud": "websocket jwt audience mismatch", "iss": "websocket jwt issuer mismatch"}
