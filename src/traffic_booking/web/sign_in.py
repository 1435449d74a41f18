"""Operations of the embedded sign-in."""

from typing import Any, Final

from starlette.responses import Response

import traffic_booking as tb
from traffic_booking.web.browser_sign_in import BrowserSignIn
from traffic_booking.web.operations import Call, Operation, Reply, member
from traffic_booking.web.problems import Problem
from traffic_booking.web.serving import json_response

APPLICANT: Final = member("applicant", str, required=True, about="A user name, or the digits of an id.")
CODE: Final = member("code", str, required=True, about="The typed digits, or the answer of the widget.")
TOKEN: Final = member("token", str, about="The token of the image code; none for a proof of work.")


def operations_of(sign_in: BrowserSignIn) -> tuple[Operation, ...]:
    """The operations over one sign-in."""
    return (*_of_sessions(sign_in), *_of_resets(sign_in))


def _of_sessions(sign_in: BrowserSignIn) -> tuple[Operation, ...]:
    async def challenge(call: Call) -> Reply:
        response = json_response(tb.to_json(await sign_in.challenge(call.request)), 201)
        sign_in.greet(call.request, response)
        return Reply(response=response)

    async def start(call: Call) -> Any:
        given = call.given
        result = await sign_in.sign_in(call.request, given["applicant"], given["password"], _code(given))
        if not isinstance(result, tb.SignedIn):
            return result
        response = json_response(tb.to_json(result), 201)
        sign_in.keep(call.request, response, result)
        return Reply(response=response)

    async def session(call: Call) -> Any:
        found = await sign_in.resume(call.request)
        if found is None:
            raise Problem("not-signed-in", headers={"WWW-Authenticate": "Session"})
        return found

    async def end(call: Call) -> Reply:
        response = Response(status_code=204)
        await sign_in.sign_out(call.request, response)
        return Reply(response=response)

    return (
        Operation(
            name="challenge",
            method="POST",
            path="/challenges",
            summary="A visual code for this browser",
            run=challenge,
            body=(),
            answers={201: "Challenge"},
        ),
        Operation(
            name="sign_in",
            method="POST",
            path="/session",
            summary="Sign in with a user name or an id, a password and a visual code",
            run=start,
            body=(APPLICANT, member("password", str, required=True), CODE, TOKEN),
            answers={201: "SignedIn"},
        ),
        Operation(
            name="session",
            method="GET",
            path="/session",
            summary="The session of this browser",
            run=session,
            answers={200: "SignedIn"},
            further=(401,),
        ),
        Operation(
            name="sign_out",
            method="DELETE",
            path="/session",
            summary="End the session of this browser",
            run=end,
            answers={204: None},
        ),
    )


def _of_resets(sign_in: BrowserSignIn) -> tuple[Operation, ...]:
    async def request_reset(call: Call) -> Any:
        return await sign_in.request_reset(call.request, call.given["applicant"], _code(call.given))

    async def reset(call: Call) -> Any:
        given = call.given
        return await sign_in.reset_password(
            call.request, given["applicant"], given["reset_code"], given["new_password"]
        )

    return (
        Operation(
            name="request_reset",
            method="POST",
            path="/password/reset",
            summary="Send a reset code to the person of an account; the answer does not show if there is one",
            run=request_reset,
            body=(APPLICANT, CODE, TOKEN),
            answers={202: "ResetRequested"},
        ),
        Operation(
            name="reset_password",
            method="POST",
            path="/password",
            summary="Give the account a new password, with the reset code; all sessions end",
            run=reset,
            body=(APPLICANT, member("reset_code", str, required=True), member("new_password", str, required=True)),
            answers={200: "PasswordChanged"},
        ),
    )


def _code(given: dict[str, Any]) -> str:
    """The answer to verify: that of an image code has its token in front, as `image_captcha.answer` writes it."""
    token, code = given.get("token"), str(given["code"])
    return code if token is None else f"{token}.{code}"
