"""Messages to people: by mail, and to a channel of a chat."""
