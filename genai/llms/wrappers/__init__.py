"""Models around a model: they retry, hedge, price, limit or swap it."""
