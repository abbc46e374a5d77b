"""What Prometheus reads at /metrics: requests and connections of all workers, and figures of the database."""
