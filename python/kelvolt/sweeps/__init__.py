"""Many variants of a case, in parts on disk that outlive a kill."""
