"""Settings, addresses of pages, and the embedded database."""
