"""Long work on the database itself: a row a job, taken by a worker under a lease, taken again where a worker was killed."""
