"""Records questions and answers of users who consented."""
