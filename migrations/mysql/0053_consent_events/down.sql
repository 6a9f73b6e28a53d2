DROP TABLE IF EXISTS consent_events;
