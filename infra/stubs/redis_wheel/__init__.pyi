"""The wheel that brings a redis-server binary."""
