"""What only machines of the operator ask: may this host have a certificate, and how is the service doing."""
