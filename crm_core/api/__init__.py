"""The HTTP interface: parses, calls the kernel, answers. No rule lives here (deploy/docs/api.md)."""
