"""AS2 (RFC 4130, compression by RFC 5402): messages with partners over HTTP, each with its signed receipt."""
