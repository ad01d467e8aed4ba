// Contract suites: what every keeper of a port must pass. Imported by tests only.
