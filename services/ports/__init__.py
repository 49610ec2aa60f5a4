"""What the services need from the outside, as protocols: storage, networks, models, time, files."""
