"""The directory at its true size: loaded from files into versions, read from disk, compared."""
