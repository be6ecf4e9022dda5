"""An app with a login, and a provider that it logs in at: real HTTP on loopback, real signed tokens."""
