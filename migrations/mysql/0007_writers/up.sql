-- The writers of every node, so that no number is shown while a lower one may still appear (docs/decisions/0004-visible-numbers.md).
-- low: no transaction of this writer, now or later, gives a number below it; NULL while it writes nothing. epoch: goes up when the slot changes
-- hands, and stops the writer who had it. beat_us: when its writer last was heard of, by the clock of the database.
-- connection: the server's id for the writer's connection.
CREATE TABLE IF NOT EXISTS writers (
    slot       SMALLINT NOT NULL PRIMARY KEY,
    epoch      BIGINT   NOT NULL,
    low        BIGINT   NULL,
    beat_us    BIGINT   NOT NULL,
    connection BIGINT   NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
