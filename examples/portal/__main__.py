"""Serves the portal: `make portal`, or `python -m examples.portal`. PORT and DB=postgresql://… are the settings."""

import os

import uvicorn

from examples.portal.app import portal_app
from examples.portal.demo import ACCOUNTS, PASSWORD
from examples.portal.settings import Settings

if __name__ == "__main__":
    settings, port = Settings.from_environment(), int(os.environ.get("PORT", "8000"))
    app = portal_app(settings)
    print(f"The portal is at http://localhost:{port}/ (Ctrl+C ends it). Its database: {settings.database}")
    if settings.demo:
        print(f"Sign in with {', '.join(ACCOUNTS.values())} and the password: {PASSWORD}")
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=port, log_level="warning")
