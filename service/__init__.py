"""Translation over HTTP: `service.app.create_app` makes the application, `nmt serve` runs it."""
