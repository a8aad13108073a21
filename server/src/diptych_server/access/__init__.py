"""Who may do what: keys of senders and readers, sign-in of people."""
