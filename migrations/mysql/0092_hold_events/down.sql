DROP TABLE IF EXISTS hold_events;
